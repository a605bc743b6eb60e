/* What goes out by mail as bytes, which addresses can be one, and the row in the outbox. The way out: tests/mail.sh. */
#include "floor/fixture.h"
#include "floor/mail.h"
#include "floor/people.h"

static struct str written(struct arena *arena, struct str title, struct str text)
{
	struct out out = out_new(arena);

	mail_write(&out, &(struct mail_parts){ .from = STR("samordna@prov.example"), .from_name = STR("Samordna, Provköping"), .to = STR("a@prov.example"),
		.title = title, .text = text, .language = LANGUAGE_SV, .at = { 1764230400000 }, .token = "7b" });
	return out_str(&out);
}

static bool has(struct str whole, const char *part)
{
	return memmem(whole.at, whole.len, part, strlen(part)) != NULL;
}

static void addresses(void **state)
{
	static const char *const good[] = { "a@b", "anna.ek@prov.example", "a+b_c'd@x-y.example", "A@B.C" };
	static const char *const bad[] = { "", "a", "@", "a@", "@b", "a@b@c", "a b@c", "a@b c", "a@b\r\nBcc: c@d", "<a@b>", "a@b>", "a,b@c", "a;b@c", "\"a\"@b", "å@b", "a@bå",
		"a@.b", ".a@b", "a.@b", "a..b@c", "a@b..c", "a@b.", "a@[1.2.3.4]", "a(b)@c", "a@b_c", "a\x7f@b" };
	char room[300];
	(void)state;

	for (size_t i = 0; i < LENGTH(good); i++)
		assert_true(mail_address_is_good(str_of(good[i])));
	for (size_t i = 0; i < LENGTH(bad); i++)
		assert_false(mail_address_is_good(str_of(bad[i])));
	assert_false(mail_address_is_good((struct str){ "a\0@b", 4 }));
	memset(room, 'a', sizeof room);
	room[64] = '@';
	assert_true(mail_address_is_good((struct str){ room, 254 }));
	assert_false(mail_address_is_good((struct str){ room, 255 }));
	room[64] = 'a';
	room[65] = '@';
	assert_false(mail_address_is_good((struct str){ room, 100 }));
}

/* Every line: CRLF, at most 78 bytes, ASCII; the header ends once. */
static void is_sound(struct str mail)
{
	size_t column = 0;

	for (size_t i = 0; i < mail.len; i++) {
		unsigned char c = (unsigned char)mail.at[i];
		assert_true(c < 0x7f && (c >= ' ' || c == '\r' || c == '\n'));
		if (c == '\n') {
			assert_true(i > 0 && mail.at[i - 1] == '\r');
			column = 0;
			continue;
		}
		assert_true(c != '\r' || mail.at[i + 1] == '\n');
		assert_true(++column <= 79);
	}
	assert_true(str_ends(mail, STR("\r\n")));
}

static void lines(void **state)
{
	struct arena *arena = arena_new(1 << 20);
	(void)state;

	struct str mail = written(arena, STR("Beslut väntar på dig"), STR("Hej Åsa!\n\nSe =här=.\n.en punkt först \nslut"));
	is_sound(mail);
	assert_true(has(mail, "Subject: =?UTF-8?B?QmVzbHV0IHbDpG50YXIgcMOlIGRpZw==?=\r\n"));
	assert_true(has(mail, "\r\n\r\nHej =C3=85sa!\r\n\r\nSe =3Dh=C3=A4r=3D.\r\n=2Een punkt f=C3=B6rst=20\r\nslut\r\n"));
	assert_true(has(mail, "Date: Thu, 27 Nov 2025 09:00:00 +0100\r\n"));
	assert_true(has(mail, "Message-ID: <7b@prov.example>\r\n"));
	assert_true(has(mail, "Auto-Submitted: auto-generated\r\n"));
	assert_true(has(mail, "From: =?UTF-8?B?"));
	assert_true(has(written(arena, STR("Plain words"), STR("x")), "Subject: Plain words\r\n"));
	arena_end(arena);
}

static void nothing_begins_a_line(void **state)
{
	static const char *const foreign[] = { "a\r\nBcc: evil@x.example", "a\nBcc: evil@x.example", "a\rBcc: evil@x.example", "=?UTF-8?B?DQpCY2M6?=", "\x01\x02", "\xff\xfe", "" };
	struct arena *arena = arena_new(8 << 20);
	char longest[400];
	(void)state;

	for (size_t i = 0; i < LENGTH(foreign); i++) {
		struct str mail = written(arena, str_of(foreign[i]), STR("x"));
		is_sound(mail);
		assert_false(has(mail, "\nBcc:"));
	}
	/* Cut between characters wherever the cut falls; every length. */
	for (size_t n = 0; n < sizeof longest / 2; n++) {
		for (size_t i = 0; i < n; i++)
			memcpy(longest + 2 * i, "å", 2);
		is_sound(written(arena, (struct str){ longest, 2 * n }, (struct str){ longest, 2 * n }));
		memset(longest, '.', 2 * n);
		is_sound(written(arena, (struct str){ longest, n }, (struct str){ longest, n }));
	}
	arena_end(arena);
}

static void add_person(struct fixture *f, int64_t id, const char *email)
{
	struct change *change = fixture_begin(f, "test.people");

	if (id == 0) {
		assert_int_equal(people_body_add(change, 0, STR("Kommunen")), OK);
		assert_int_equal(people_unit_add(change, 0, STR("IT"), 0, 3), OK);
	}
	struct str code = str_print(f->arena, "p%lld", (long long)id);
	assert_int_equal(people_add(change, &(struct people_add_args){ .id = id, .code = code, .name = code, .email = str_of(email), .phone = STR(""), .sort = code,
		.unit = 0, .roles = ROLE_COORDINATOR }), OK);
	fixture_commit(f);
}

static struct mail mail_to(int64_t person)
{
	return (struct mail){ .kind = "test.kind", .person = person, .title = STR("T"), .text = STR("X"), .at = STR("/tasks") };
}

static void the_outbox(void **state)
{
	struct fixture *f = fixture_new();
	struct mail_get_row row;
	struct mail_stand stand;
	struct tasks tasks = { 0 };
	struct mail mail;
	(void)state;

	add_person(f, 0, "anna@prov.example");
	add_person(f, 1, "inte en adress");
	add_person(f, 2, "");
	/* Off: nothing is kept. */
	mail_is_from(STR(""), STR("https://s.example"));
	struct change *change = fixture_begin(f, "test.say");
	mail = mail_to(0);
	assert_int_equal(mail_say(change, &mail), OK);
	fixture_commit(f);
	assert_int_equal(mail_get(&f->rq, 1, &row), ERR_NONE);
	assert_false(mail_reaches(&f->rq, 0));

	mail_is_from(STR("samordna@prov.example"), STR("https://s.example https://other.example"));
	assert_true(mail_reaches(&f->rq, 0) && !mail_reaches(&f->rq, 1) && !mail_reaches(&f->rq, 2) && !mail_reaches(&f->rq, 77));
	assert_int_equal(mail_language(&f->rq, 0), LANGUAGE_SV);
	assert_int_equal(store_begin(f->rq.store, &f->trouble), OK);
	assert_int_equal(mail_wish(&f->rq, 0, LANGUAGE_EN, true), OK);
	fixture_commit(f);
	assert_int_equal(mail_language(&f->rq, 0), LANGUAGE_EN);
	change = fixture_begin(f, "test.say");
	for (int64_t i = 0; i < 3; i++) {
		mail = mail_to(i);
		assert_int_equal(mail_say(change, &mail), OK);
	}
	fixture_commit(f);
	assert_int_equal(mail_get(&f->rq, 1, &row), OK);
	assert_true(has(row.message, "https://s.example/tasks\r\n") && has(row.message, "Content-Language: en") && !row.failed_at.is);
	assert_int_equal(mail_get(&f->rq, 2, &row), OK);
	assert_true(row.failed_at.is && !row.message.at && row.cause.len);
	assert_int_equal(mail_get(&f->rq, 3, &row), OK);
	assert_true(row.failed_at.is && row.cause.len);
	assert_int_equal(mail_stand(&f->rq, &stand), OK);
	assert_true(stand.waiting == 1 && stand.failed == 2);
	assert_int_equal(mail_due_tasks(&f->rq, &tasks), OK);
	assert_int_equal(tasks.n, 1);
	f->rq.now = instant_plus(f->rq.now, MINUTES(16));
	assert_int_equal(mail_due_tasks(&f->rq, &tasks), OK);
	assert_int_equal(tasks.n, 3);

	/* What has no address is not tried again; a commit that is undone takes its mail with it. */
	assert_int_equal(mail_again(&f->rq, 2), ERR_CONFLICT);
	fixture_forgive(f);
	change = fixture_begin(f, "test.say");
	mail = mail_to(0);
	assert_int_equal(mail_say(change, &mail), OK);
	fixture_rollback(f);
	assert_int_equal(mail_get(&f->rq, 4, &row), ERR_NONE);
	fixture_end(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses), cmocka_unit_test(lines), cmocka_unit_test(nothing_begins_a_line), cmocka_unit_test(the_outbox),
	};
	when_start();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
