#!/bin/sh
# The thread through everything: init, people import, a grant, a real RADIUS client through us to a real FreeRADIUS, the verdict
# with its reason, the leaf, accounting, a leaver refused at the next login.
set -u
S=$BUILD/samordna H=$WORK/home F=$WORK/freeradius

count=0
is() { # NAME WANTED GOT: the wanted text stands somewhere in what came
	count=$((count + 1))
	case "$3" in
	*"$2"*) echo "ok $1" ;;
	*) echo "not ok $1"; echo "wanted: $2" >&2; echo "got: $3" >&2 ;;
	esac
}
is_not() { case "$3" in *"$2"*) echo "not ok $1"; echo "unwanted: $2 in: $3" >&2 ;; *) echo "ok $1" ;; esac; }

cat >"$WORK/people.csv" <<'CSV'
id,name,email,phone,unit,manager,employment_end,roles,protected,login
p1,Anna Åberg,anna@ex.example,+46701740605,Arkiv,p2,,employee,no,EX\anna
p2,Bo Öberg,bo@ex.example,,Arkiv,,,manager employee,,"EX\bo;bo.o"
p3,Siv Ek,siv@ex.example,,IT,p2,,system_owner,,
p4,Per Holm,per@ex.example,,IT,p2,,support,,
p5,Eva Ros,eva@ex.example,,IT,p2,,employee,,
CSV
is init '"code"' "$("$S" init --home "$H" --org Provkommunen --json)"
"$S" init --home "$H" 2>/dev/null; is init.twice 5 $?
cat >>"$H/samordna.conf" <<'CONF'
http.listen = 127.0.0.1:28099
radius.listen = 127.0.0.1:28120
radius.accounting = 127.0.0.1:28130
radius.client = vpn1 127.0.0.1 testing123
radius.client = nac 127.0.0.2 testing456 authorise-only
radius.upstream = 127.0.0.1:28121 upsecret no-message-authenticator
CONF
is import '"added":5' "$("$S" people import "$WORK/people.csv" --home "$H" --json)"
is import.again '"unchanged":5' "$("$S" people import "$WORK/people.csv" --home "$H" --json)"

# FreeRADIUS as the organisation's own server: its own configuration directory, loopback only.
mkdir -p "$F/log"
cat >"$F/radiusd.conf" <<CONF
prefix = /usr
logdir = $F/log
run_dir = $F
libdir = /usr/lib/freeradius
modconfdir = $F
thread pool {
  start_servers = 2
  max_servers = 4
}
client samordna {
  ipaddr = 127.0.0.1
  secret = upsecret
}
modules {
  files {
    filename = $F/users
  }
  pap {
  }
  chap {
  }
  mschap {
  }
  eap {
    default_eap_type = peap
    tls-config tls-common {
      private_key_file = $F/key
      certificate_file = $F/certificate
      ca_file = $F/certificate
      tls_max_version = "1.2"
      fragment_size = 1024
    }
    md5 {
    }
    mschapv2 {
    }
    peap {
      tls = tls-common
      default_eap_type = mschapv2
      virtual_server = inner
      use_tunneled_reply = yes
    }
  }
}
server inner {
  authorize {
    files
    mschap
    eap {
      ok = return
    }
  }
  authenticate {
    Auth-Type MS-CHAP {
      mschap
    }
    eap
  }
  post-auth {
    update outer.session-state {
      &User-Name := "%{User-Name}"
    }
  }
}
server default {
  listen {
    type = auth
    ipaddr = 127.0.0.1
    port = 28121
  }
  authorize {
    eap {
      ok = return
    }
    files
    chap
    mschap
    pap
  }
  authenticate {
    pap
    chap
    Auth-Type MS-CHAP {
      mschap
    }
    eap
  }
  post-auth {
    update reply {
      &User-Name := "%{%{session-state:User-Name}:-%{User-Name}}"
    }
  }
}
CONF
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "$F/key" -out "$F/certificate" -days 2 -subj /CN=upstream 2>/dev/null
cat >"$F/users" <<'USERS'
p1 Cleartext-Password := "pw1"
   Session-Timeout = 7200
anna@ex.example Cleartext-Password := "pw1"
p2 Cleartext-Password := "pw2"
p5 Cleartext-Password := "pw5"
stranger Cleartext-Password := "pw9"
USERS
printf '$INCLUDE /usr/share/freeradius/dictionary\n' >"$F/dictionary"
chown -R freerad: "$F" 2>/dev/null; chmod 755 "$WORK"
freeradius -f -d "$F" -l "$F/log/log" >"$F/out" 2>&1 &
upstream=$!
"$S" serve --home "$H" 2>"$WORK/serve.log" &
server=$!
trap 'kill $server $upstream 2>/dev/null; wait 2>/dev/null' EXIT
for _ in 1 2 3 4 5 6 7 8 9 10; do grep -q answers "$WORK/serve.log" && grep -qs Ready "$F/log/log" && break; sleep 0.3; done

ask() { # ATTRIBUTES SECRET [extra radclient options]: what comes back
	printf '%s\n' "$1" | radclient -x -r 1 -t 2 ${3:-} 127.0.0.1:28120 auth "$2" 2>&1 | grep -v '^Sent'
}
M=Message-Authenticator=0x00
is no_grant Access-Reject "$(ask "User-Name=p1,User-Password=pw1,$M" testing123)"
same='{"grant":1,"state":"active"}'
is grant "$same" "$("$S" access grant p1 --service vpn --from "$(date -u -d yesterday +%F)" --to "$(date -u -d "300 days" +%F)" --requested-by p2 --approved-by p3 --executed-by p4 --home "$H" --json)"
is explained '"verdict":"pass"' "$("$S" gate ask p1 --home "$H" --json)"
is explained.unknown 'gate.unknown_person' "$("$S" gate ask nobody.at.all --home "$H" --json)"
pap=$(ask "User-Name=p1,User-Password=pw1,$M" testing123)
is pap Access-Accept "$pap"
is pap.timeout "Session-Timeout = 7200" "$pap"
is pap.signed Message-Authenticator "$pap"
is pap.class "Class = 0x73616d6f72646e613a" "$pap"
is chap_by_mail Access-Accept "$(ask "User-Name=anna@ex.example,CHAP-Password=pw1,$M" testing123)"
is mschap Access-Accept "$(ask "User-Name=p1,MS-CHAP-Password=pw1,$M" testing123)"
# EAP through us: a conversation of about ten packets, then keys that only the right hiding delivers (eapol_test compares them).
eap() { # METHOD USER PASSWORD [phase 2]: what eapol_test says in its last line
	printf 'network={\n key_mgmt=WPA-EAP\n eap=%s\n identity="%s"\n password="%s"\n %b\n}\n' "$1" "$2" "$3" "${4:-}" >"$WORK/eap"
	eapol_test -c "$WORK/eap" -a 127.0.0.1 -p 28120 -s testing123 -t 8 ${5:-} >"$WORK/eap.log" 2>&1
	tail -n 1 "$WORK/eap.log"
}
P='anonymous_identity="anonymous"\n phase2="auth=MSCHAPV2"'
if command -v eapol_test >/dev/null; then
	is eap.peap SUCCESS "$(eap PEAP p1 pw1 "$P")"
	is eap.peap.keys 'MPPE keys OK: 1  mismatch: 0' "$(grep 'MPPE keys OK' "$WORK/eap.log")"
	is eap.peap.wrong_password FAILURE "$(eap PEAP p1 wrong "$P")"
	is eap.peap.refused FAILURE "$(eap PEAP p2 pw2 "$P")"
	is eap.md5 SUCCESS "$(eap MD5 p1 pw1 '' -n)"
else
	echo "skip eap eapol_test is not installed"
fi
is wrong_password Access-Reject "$(ask "User-Name=p1,User-Password=wrong,$M" testing123)"
refused=$(ask "User-Name=p2,User-Password=pw2,$M" testing123)
is refused Access-Reject "$refused"
is refused.reason Reply-Message "$refused"
is_not refused.no_class Class "$refused"
is stranger Access-Reject "$(ask "User-Name=stranger,User-Password=pw9,$M" testing123)"
is unsigned "No reply" "$(ask "User-Name=p1,User-Password=pw1" testing123)"
is wrong_secret "No reply" "$(ask "User-Name=p1,User-Password=pw1,$M" other)"
is replay '"ok":true' "$("$S" audit verify --home "$H" --replay --json 2>&1)"

# The gateway that has checked the credentials itself comes from 127.0.0.2.
printf '%s\n' "User-Name=p1,$M" >"$WORK/ask"
only() { radclient -x -r 1 -t 2 -f "$1" 127.0.0.1:28120 auth testing456 2>&1; }
nac=$(cd "$WORK" && printf 'User-Name=p1,%s,Packet-Src-IP-Address=127.0.0.2\n' "$M" >nac && only nac)
is authorise_only Access-Accept "$nac"
nac=$(cd "$WORK" && printf 'User-Name=p2,%s,Packet-Src-IP-Address=127.0.0.2\n' "$M" >nac && only nac)
is authorise_only.refused Access-Reject "$nac"
nac=$(cd "$WORK" && printf 'User-Name=p1,User-Password=wrong,%s,Packet-Src-IP-Address=127.0.0.2\n' "$M" >nac && only nac)
is authorise_only.with_wrong_password Access-Reject "$nac"

acct() { printf '%s\n' "$1" | radclient -x -r 1 -t 2 127.0.0.1:28130 acct testing123 2>&1; }
is accounting.start Accounting-Response "$(acct 'User-Name=p1,Acct-Status-Type=Start,Acct-Session-Id=s1,NAS-Identifier=vpn1')"
is accounting.interim Accounting-Response "$(acct 'User-Name=p1,Acct-Status-Type=Interim-Update,Acct-Session-Id=s1,NAS-Identifier=vpn1,Acct-Input-Octets=77')"
is accounting.stop Accounting-Response "$(acct 'User-Name=p1,Acct-Status-Type=Stop,Acct-Session-Id=s1,NAS-Identifier=vpn1,Acct-Terminate-Cause=User-Request')"
is accounting.wrong_secret "No reply" "$(printf 'User-Name=p1,Acct-Status-Type=Start,Acct-Session-Id=s2\n' | radclient -x -r 1 -t 1 127.0.0.1:28130 acct other 2>&1)"

# HR's file ends the employment: refused at the next login.
grep -v '^p1,' "$WORK/people.csv" >"$WORK/leaver.csv"
"$S" people import "$WORK/leaver.csv" --home "$H" >/dev/null 2>&1; is leaver.stop 5 $?
is leaver '"left":1' "$("$S" people import "$WORK/leaver.csv" --vanish 30 --home "$H" --json)"
is leaver.refused Access-Reject "$(ask "User-Name=p1,User-Password=pw1,$M" testing123)"
is leaver.reason '"verdict":"deny"' "$("$S" gate ask p1 --home "$H" --json)"
is seal '"checkpoint"' "$("$S" audit seal --home "$H" --json 2>&1)"
is replay.after '"ok":true' "$("$S" audit verify --home "$H" --replay --json 2>&1)"
exit 0
