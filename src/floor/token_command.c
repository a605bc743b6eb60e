/* Tokens of programs that use /api/: made, listed and ended on the command line by the account that owns the home.
 *
 * A token's name is who asks; at the gate it is also the gateway's name. Whoever holds the token may ask about any person.
 *
 * SECURITY: the token is shown once; the store keeps the SHA-256 of its 256 random bits, which needs no slow hash. The leaf says
 * the name. An ended token is refused at its next use. */
#include <sodium.h>
#include "floor/token_command.h"
#include "floor/account.sql.h"
#include "base/world.h"

enum { TOKEN_BYTES = 32, TOKEN_ROOM = 64, NAME_MOST = 47 };

static bool is_name(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.at[i];
		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (i && (c == '-' || c == '_' || c == '.'))))
			return false;
	}
	return s.len > 0 && s.len <= NAME_MOST;
}

static enum err open_token(struct rq *rq, struct str name, int64_t *ret)
{
	struct account_token_list_row *rows;
	size_t n;

	TRY(account_token_list(rq, &rows, &n));
	for (size_t i = 0; i < n; i++)
		if (str_equal(rows[i].name, name) && !rows[i].ended_at.is) {
			*ret = rows[i].id;
			return OK;
		}
	return ERR_NONE;
}

static enum err make(struct rq *rq, const struct args *args, struct out *ret)
{
	unsigned char random[TOKEN_BYTES], hash[crypto_hash_sha256_BYTES];
	char *token = arena_take(rq->arena, TOKEN_ROOM);
	struct account_token_most_row most;
	struct change *change;
	int64_t id;

	if (args->n_words != 1 || !is_name(args->words[0]))
		return fail(rq, ERR_INVALID, _("Name the program: letters, digits, - _ and dots, at most %d."), NAME_MOST);
	enum err err = open_token(rq, args->words[0], &id);
	if (err == OK)
		return fail(rq, ERR_CONFLICT, _("There is a token with that name. End it first: token end %.*s"), STR_ARG(args->words[0]));
	if (err != ERR_NONE)
		return err;
	world.random(random, sizeof random);
	sodium_bin2base64(token, TOKEN_ROOM, random, sizeof random, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	crypto_hash_sha256(hash, (const unsigned char *)token, strlen(token));
	TRY(account_token_most(rq, &most));
	TRY(audit_begin(rq, "token.make", args->words[0], &change));
	TRY(account_token_add(change, most.n + 1, args->words[0], (struct str){ (const char *)hash, sizeof hash }, rq->now));
	sodium_memzero(random, sizeof random);
	if (args->json) {
		out_text(ret, "{\"name\":");
		out_json(ret, args->words[0]);
		out_print(ret, ",\"token\":\"%s\"}\n", token);
	} else {
		out_print(ret, "%s\n", token);
	}
	return OK;
}

static enum err end(struct rq *rq, const struct args *args, struct out *ret)
{
	struct change *change;
	int64_t id;

	if (args->n_words != 1)
		return fail(rq, ERR_INVALID, _("Which token? token end NAME"));
	enum err err = open_token(rq, args->words[0], &id);
	if (err == ERR_NONE)
		return fail(rq, ERR_NONE, _("There is no token called \"%.*s\"."), STR_ARG(str_utf8_first(args->words[0], 60)));
	TRY(err);
	TRY(audit_begin(rq, "token.end", args->words[0], &change));
	TRY(account_token_end(change, rq->now, id));
	if (args->json) {
		out_text(ret, "{\"name\":");
		out_json(ret, args->words[0]);
		out_text(ret, ",\"ended\":true}\n");
	}
	return OK;
}

static enum err list(struct rq *rq, const struct args *args, struct out *ret)
{
	struct account_token_list_row *rows;
	size_t n;

	TRY(account_token_list(rq, &rows, &n));
	for (size_t i = 0; i < n; i++) {
		if (args->json)
			out_text(ret, "{\"name\":");
		if (args->json)
			out_json(ret, rows[i].name);
		else
			out_put(ret, rows[i].name);
		out_text(ret, args->json ? ",\"made\":\"" : "\t");
		out_instant(ret, rows[i].made_at);
		out_text(ret, args->json ? "\",\"ended\":" : "\t");
		if (rows[i].ended_at.is) {
			out_text(ret, args->json ? "\"" : "");
			out_instant(ret, (struct instant){ rows[i].ended_at.i });
			out_text(ret, args->json ? "\"" : "");
		} else {
			out_text(ret, args->json ? "null" : "-");
		}
		out_text(ret, args->json ? "}\n" : "\n");
	}
	return OK;
}

const struct command token_commands[] = {
	{ "token make", "NAME", N_("Make a token for a program that asks the gate; it is shown once"), COMMAND_WRITE, make },
	{ "token list", "", N_("All tokens, by name"), COMMAND_READ, list },
	{ "token end", "NAME", N_("End a token: its next use is refused"), COMMAND_WRITE, end },
	{ 0 }
};
