/* Words that the link checker knows: where somebody logs in, what is so common that it names nobody, who shortens links, and the
 * parameters that send a browser on.
 *
 * The first two are looked up folded (link_fold.c), so that "1ogin" is login; they are folded once, before main. A common word is
 * one that stands in many names of unrelated houses: as an owned name it is compared whole and by distance, but inside another
 * address only beside a word for logging in. The lists are short on purpose: what is in none of them is judged by its name.
 *
 * SECURITY: nothing here can make a link ours. */
#include "link_parts.h"

static const char login_words[] =
	"login logon log-in loggain logga-in logga inlogg inloggning signin signon sign-in signup sso vpn sslvpn mfa 2fa otp totp konto konton "
	"mittkonto account accounts myaccount auth authenticate authentication autentisering autentisera verify verification verifiera verifiering "
	"bekrafta bekraftelse password passwd losenord losen pinkod kod code token bankid freja frejaeid eid elegitimation legitimation legitimera "
	"identitet identity idp adfs saml oauth oidc portal portalen remote fjarr fjarrarbete fjarrskrivbord distans distansarbete anslut anslutning "
	"access gateway citrix owa webmail webbmail mail outlook office365 o365 microsoft365 support supporten helpdesk servicedesk itsupport secure security "
	"saker sakerhet update uppdatera uppdatering reset aterstall aterstallning unlock lasupp session minasidor minsida user users anvandare "
	"intranat intranet inside extranat extranet rdp rdweb desktop workspace connect pulse dana global-protect globalprotect forticlient anyconnect "
	"admin administrator authenticator authenticate duo okta entra azure sign validate validering autologin medarbetare personal anstalld";

static const char common_words[] =
	/* Swedish */
	"aktuellt alla alltid allt annan annons apotek arbete arena arkiv bada bank banken barn bild bilar bilen biljett bilder blogg bocker bolag bolaget "
	"bostad bostader bygg bygga bygge cykel dag dagen dans data dator debatt design djur doktor drift ekonomi energi familj fest film fiske fond "
	"fonden forening foretag forlag forsakring forskola forum foto framtid fritid galleri gard garden gruppen halsa halsan hamn hamnen handel hant hemma hemsida "
	"hotell hund hundar huset hjalp idrott industri info information ideell ideer jobb jobba jord jourhem kaffe kamera kart karta katt klinik klubb klubben "
	"kommun kommunen kompani konst konsult kontor kontakt kost krog kultur kunskap kurs kvinna kyrka kyrkan lagen lager land landet lantbruk larm larare lara "
	"leka lunch mark marken mat matbutik media medicin mera miljo mobil modell motor musik museum nara natur naturen nyheter nytt olja omrade oppet "
	"ordning park parken partner pengar plan plats post posten press pris produkt radio rapport region regionen resa resor restaurang rad ratt salong "
	"samhalle service sjukhus sjukvard skatt skatter skog skogen skola skolan skydd smak snabb sommar spara spel sport sporten stad staden statens station "
	"stiftelse studio svensk svenska sverige sjo skane system tandvard teater teknik telefon tid tiden tidning tjanst tjanster trafik trafiken trygg tryggt "
	"utbildning utveckling vagen vard varden varld vatten verk verken verket vinter vision yrke ungdom universitet "
	/* English */
	"about agency alliance america apps arts auto baby base beauty best black blog blue board body book books brand business cafe camp capital card care "
	"cars center central centre chat check city class clean click clinic cloud club coach code coffee college color company computer concept consult control "
	"cook cool corner craft creative credit cross daily dance data dating deal deals dental digital direct doctor download dream drive east easy "
	"edge education electric energy engine english event events expert express factory family farm fashion fast film finance fine fire first fitness "
	"flash flow focus food football forum free fresh friend front fund future gallery game games garden global gold golf good great green group growth guide "
	"guitar hair hand happy health heart help history holiday home homes host hosting hotel hotels house human idea image index innovation inside institute "
	"insurance international invest iron island jobs journal kids king kitchen labs lake land language large law learn learning legal life light line link "
	"links list little live local logic love magazine manager maps marine market marketing master match media medical meet metal micro mind mini mobile model "
	"modern money more motion motor mountain movie music nation national nature network news next night north ocean office online open orange outdoor page "
	"paper park partner party path people pets phone photo pixel place planet plant plus point policy power premium press prime print pro product "
	"project property public quality quick race radio rain rate real record recipe rent repair research resort review rock room royal safe sale sales salon "
	"save school science search second sense service services shop shopping show side silver simple site skin small smart social society soft software solar "
	"solution solutions sound source south space sport sports spot spring stage star start station stock store stories story stream street student studio "
	"style summer supply swim system systems talk task team tech technology test text theatre think ticket tickets time today tool tools tour tours "
	"town toys track trade trading trail train training transport travel tree trend trip trust union unit united university urban valley value vehicle "
	"video view village vision vital voice walk wall wash watch water wave wealth wear weather website wedding week well west white wide wild wind wine wing "
	"winter wire women wood word work works world worldwide write year yoga young zone";

/* They never show where they lead. */
static const char *const shorteners[] = { "bit.ly", "bitly.com", "buff.ly", "cutt.ly", "dub.sh", "goo.gl", "is.gd", "j.mp", "lnkd.in", "ow.ly", "qrco.de",
	"rb.gy", "rebrand.ly", "s.id", "shorturl.at", "shorturl.gg", "t.co", "t.ly", "tiny.cc", "tiny.one", "tinyurl.com", "trib.al", "urlz.fr", "v.gd",
	"wp.me", "x.gd", "youtu.be", "aka.ms", "amzn.to", "fb.me", "g.co", "kort.nu", "l.ead.me", "me-qr.com", "qr.io", "shorte.st", "bl.ink", "clck.ru", "t.me", NULL };

/* A value that is a bare host is followed by some programs under these keys only; "//host" and "https:" count under any key. */
static const char *const target_keys[] = { "callback", "continue", "dest", "destination", "domain", "forward", "goto", "go", "host", "link", "location",
	"next", "out", "redir", "redirect", "redirect_to", "redirect_uri", "redirect_url", "redirecturl", "redirecturi", "relaystate", "ret", "return", "return_to",
	"returnto", "returnurl", "return_url", "rurl", "service", "site", "target", "to", "u", "uri", "url", "wreply", NULL };

enum { WORDS = 1024, SLOTS = 4096, LONGEST = 24 };
static struct { char at[LONGEST]; uint8_t len; bool is_login; } words[WORDS];
static uint16_t slots[SLOTS];        /* index + 1 */
static size_t n_words;

static const size_t *slot_of(struct str folded, size_t *ret)
{
	size_t i = str_hash(folded) % SLOTS;

	while (slots[i] && !str_equal((struct str){ words[slots[i] - 1].at, words[slots[i] - 1].len }, folded))
		i = (i + 1) % SLOTS;
	*ret = i;
	return ret;
}

static void learn(const char *list, bool is_login)
{
	struct str rest = str_of(list);

	while (rest.at) {
		struct link_fold folded;
		size_t slot;
		link_fold_text(str_cut(&rest, ' '), &folded);
		if (!folded.len || folded.len > LONGEST)
			continue;
		struct str word = { (const char *)folded.at, folded.len };
		if (slots[*slot_of(word, &slot)])
			continue;
		assert(n_words < WORDS);
		memcpy(words[n_words].at, folded.at, folded.len);
		words[n_words].len = (uint8_t)folded.len;
		words[n_words].is_login = is_login;
		slots[slot] = (uint16_t)++n_words;
	}
}

static __attribute__((constructor)) void prepare(void)
{
	learn(login_words, true);
	learn(common_words, false);
}

bool link_is_login_word(struct str folded)
{
	size_t slot;

	return folded.len <= LONGEST && slots[*slot_of(folded, &slot)] && words[slots[slot] - 1].is_login;
}

bool link_is_common_word(struct str folded)
{
	size_t slot;

	return folded.len <= LONGEST && slots[*slot_of(folded, &slot)];
}

bool link_is_shortener(struct str host)
{
	for (const char *const *one = shorteners; host.len && *one; one++)
		if ((*one)[0] == host.at[0] && str_equal(host, str_of(*one)))
			return true;
	return false;
}

bool link_is_target_key(struct str key)
{
	for (const char *const *one = target_keys; *one; one++)
		if (strlen(*one) == key.len && strncasecmp(*one, key.at, key.len) == 0)
			return true;
	return false;
}
