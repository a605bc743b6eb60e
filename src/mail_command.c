/* mail test, mail outbox, mail again, mail drop: the outbox on the command line.
 *
 * `mail test` puts a mail into the outbox like any other and waits until it is known what became of it: so what it shows is what all mail meets.
 *
 * SECURITY: lists show titles and addresses to whoever owns HOME; no message's text is ever shown. */
#define LONG_LIVED
#include "core.h"
#include "mail_command.h"
#include "floor/mail.h"
#include "base/world.h"
#include <unistd.h>

enum { TEST_SECONDS = 150 };

static enum err usage(struct rq *rq, const char *sentence)
{
	return trouble_exit(rq->trouble, 2, fail(rq, ERR_INVALID, "%s", sentence));
}

/* --- test --- */

struct testing { struct str to; int64_t id; };

static enum err put_test(struct rq *rq, void *of)
{
	struct testing *testing = of;
	struct mail_most_row most;
	struct change *change;
	struct out text = out_new(rq->arena);

	TRY(audit_begin(rq, "mail.test", STR(""), &change));
	out_text(&text, _("This is a test of the mail from Samordna. It reached you, so mail gets out."));
	out_text(&text, "\n\n");
	out_text(&text, _("You need not do anything."));
	TRY(mail_say(change, &(struct mail){ .kind = "mail.test", .person = -1, .language = rq->language, .address = testing->to, .title = str_of(_("Test of the mail from Samordna")),
		.text = out_str(&text) }));
	TRY(mail_most(rq, &most));
	testing->id = most.n;
	/* Whoever tests has perhaps just mended it: the server is asked at once. */
	enum err err = mail_peer_drop(rq, 0);
	return err == ERR_NONE ? OK : err;
}

static enum err wait_for(struct rq *rq, int64_t id, struct out *ret, bool is_json)
{
	struct mail_get_row mail = { 0 };
	struct mail_stand stand = { 0 };
	struct mail_try_get_row tried;

	for (int i = 0; i < TEST_SECONDS * 5; i++) {
		TRY(mail_get(rq, id, &mail));
		TRY(mail_stand(rq, &stand));
		if (mail.sent_at.is || mail.failed_at.is || stand.since.ms)
			break;
		if (mail_try_get(rq, 0, id, &tried) == OK) {
			stand.cause = tried.cause;
			break;
		}
		usleep(200000);
	}
	struct str cause = mail.failed_at.is ? mail.cause : stand.cause;
	if (!mail.sent_at.is)
		return fail(rq, ERR_IO, _("The mail did not get out: %.*s"), STR_ARG(cause.len ? cause : STR("-")));
	out_print(ret, is_json ? "{\"mail\":%lld,\"sent\":true}\n" : _("Mail %lld is delivered to the mail server.\n"), (long long)id);
	return OK;
}

static enum err test(struct rq *rq, const struct args *args, struct out *ret)
{
	if (args->n_words != 1)
		return usage(rq, _("Write: mail test ADDRESS."));
	struct testing testing = { .to = args->words[0] };
	if (!mail_address_is_good(testing.to))
		return usage(rq, _("That cannot be a mail address."));
	if (!mail_is_on())
		return fail(rq, ERR_CONFLICT, _("No mail server is named: set mail.server and mail.from in samordna.conf."));
	if (core.boot.is_doorless)
		return fail(rq, ERR_CONFLICT, _("No server runs on this home: start it first, mail goes out through it."));
	TRY(writer_do(core.writer, put_test, &testing, rq));
	return wait_for(rq, testing.id, ret, args->json);
}

/* --- the outbox --- */

static void put_row(struct rq *rq, const struct args *args, const struct mail_unsent_row *row, struct out *ret)
{
	struct str cause = row->failed_at.is ? row->cause : row->last;
	const char *state = row->failed_at.is ? "failed" : "waiting";

	if (!args->json) {
		out_print(ret, "%lld\t%s\t" STR_FMT "\t" STR_FMT "\t" STR_FMT "\n", (long long)row->id,
		          row->failed_at.is ? _("failed") : _("waiting"), STR_ARG(row->kind), STR_ARG(row->address), STR_ARG(cause));
		return;
	}
	out_print(ret, "{\"mail\":%lld,\"state\":\"%s\",\"kind\":", (long long)row->id, state);
	out_json(ret, row->kind);
	out_text(ret, ",\"to\":");
	out_json(ret, row->address);
	out_text(ret, ",\"title\":");
	out_json(ret, row->title);
	out_print(ret, ",\"tries\":%lld,\"made_at\":\"", (long long)row->tries);
	out_instant(ret, row->made_at);
	out_text(ret, "\",\"cause\":");
	out_json(ret, cause);
	out_text(ret, "}\n");
}

static enum err outbox(struct rq *rq, const struct args *args, struct out *ret)
{
	struct mail_unsent_row *rows;
	struct mail_stand stand;
	size_t n;

	TRY(mail_stand(rq, &stand));
	TRY(mail_unsent(rq, &rows, &n));
	for (size_t i = 0; i < n; i++)
		put_row(rq, args, &rows[i], ret);
	if (args->json)
		return OK;
	if (!mail_is_on())
		out_text(ret, _("No mail server is named in samordna.conf: no mail goes out.\n"));
	else if (stand.since.ms)
		out_print(ret, "%s\n", str_print(rq->arena, _("The mail server takes no mail: %.*s"), STR_ARG(stand.cause)).at);
	else if (!n)
		out_text(ret, _("All mail is delivered.\n"));
	return OK;
}

static enum err number_of(struct rq *rq, const struct args *args, int64_t *ret)
{
	if (args->n_words == 1 && str_number(args->words[0], INT64_MAX, ret) == OK)
		return OK;
	return usage(rq, _("Name one mail by its number: mail outbox shows them."));
}

static enum err again(struct rq *rq, const struct args *args, struct out *ret)
{
	int64_t id = -1;
	(void)ret;

	if (args->n_words)
		TRY(number_of(rq, args, &id));
	return mail_again(rq, id);
}

static enum err give_up(struct rq *rq, const struct args *args, struct out *ret)
{
	int64_t id;
	(void)ret;

	TRY(number_of(rq, args, &id));
	return mail_give_up(rq, id);
}

const struct command mail_commands[] = {
	{ "mail test", "ADDRESS", N_("Send a mail to an address and wait until it is known what became of it"), COMMAND_LONG, test },
	{ "mail outbox", "", N_("Mail that waits or could not be delivered, each with its cause"), COMMAND_READ, outbox },
	{ "mail again", "[NUMBER]", N_("Try a mail at once; without a number all that have failed"), COMMAND_WRITE, again },
	{ "mail drop", "NUMBER", N_("Give a mail up: it is not tried any more, and its text is forgotten"), COMMAND_WRITE, give_up },
	{ 0 }
};
