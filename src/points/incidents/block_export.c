/* The block list for other systems: a hosts file for a name server, STIX 2.1 for whoever shares indicators, CSV for everything else.
 *
 * STIX: an object keeps its id in every export (it is made of the decision's number, host and moment), `modified` moves when it is ended,
 * and what has been ended in the last 90 days is told once more with "revoked", so that whoever has taken it in lets it go. A hosts file
 * cannot say "all names below": the domain and its reported hosts stand there one by one, and numbers do not stand there at all.
 *
 * SECURITY: what has become ours since it was blocked is kept back, and counted. Hosts are letters, digits, dots and hyphens (block.c), so
 * nothing in them can end a pattern or a line; reasons are for us and stand in no file but the CSV. */
#include <sodium.h>
#include "block.h"

const struct block_format_row block_formats[BLOCK_FORMATS] = {
	[BLOCK_HOSTS] = { "hosts", "text/plain; charset=utf-8", "samordna-hosts.txt" },
	[BLOCK_STIX]  = { "stix", "application/stix+json;version=2.1", "samordna-stix.json" },
	[BLOCK_CSV]   = { "csv", "text/csv; charset=utf-8", "samordna-blocks.csv" },
};

struct exporting { struct rq *rq; struct out *out, objects; enum block_format format; int64_t kept; size_t n; };

static bool is_name(struct str host)
{
	for (size_t i = 0; i < host.len; i++)
		if (host.at[0] != '[' && !((host.at[i] >= '0' && host.at[i] <= '9') || host.at[i] == '.'))
			return true;
	return false;
}

/* A UUID whose bits are a hash: the same again for the same words. */
static void put_id(struct out *out, struct str of)
{
	unsigned char hash[crypto_hash_sha256_BYTES];

	crypto_hash_sha256(hash, (const unsigned char *)of.at, of.len);
	hash[6] = (hash[6] & 0x0f) | 0x40;
	hash[8] = (hash[8] & 0x3f) | 0x80;
	for (int i = 0; i < 16; i++)
		out_print(out, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", hash[i]);
}

static void put_moment(struct out *out, const char *key, struct instant at)
{
	out_print(out, ",\"%s\":\"", key);
	out_instant_utc(out, at);
	out_byte(out, '"');
}

static void put_pattern(struct exporting *e, const struct block_list_row *row)
{
	struct str host = row->host;
	struct out pattern = out_new(e->rq->arena);

	if (is_name(host)) {
		out_print(&pattern, "[domain-name:value = '%.*s'", STR_ARG(host));
		if (row->is_below)
			out_print(&pattern, " OR domain-name:value LIKE '%%.%.*s'", STR_ARG(host));
	} else {
		bool is_six = host.at[0] == '[';
		struct str bare = is_six && host.len > 2 ? (struct str){ host.at + 1, host.len - 2 } : host;
		out_print(&pattern, "[ipv%d-addr:value = '%.*s'", is_six ? 6 : 4, STR_ARG(bare));
	}
	out_byte(&pattern, ']');
	out_json(&e->objects, out_str(&pattern));
}

static void put_stix(struct exporting *e, const struct block_list_row *row)
{
	struct out *out = &e->objects;
	struct str of = str_print(e->rq->arena, "samordna-block/1\n%lld\n%.*s\n%lld", (long long)row->id, STR_ARG(row->host), (long long)row->decided_at.ms);
	struct instant changed = row->ended_at.is ? (struct instant){ row->ended_at.i } : row->decided_at;

	out_print(out, "%s{\"type\":\"indicator\",\"spec_version\":\"2.1\",\"id\":\"indicator--", e->n ? ",\n" : "");
	put_id(out, of);
	out_byte(out, '"');
	put_moment(out, "created", row->decided_at);
	put_moment(out, "modified", changed);
	out_text(out, ",\"name\":");
	out_json(out, row->host);
	out_print(out, ",\"indicator_types\":[\"malicious-activity\"],\"pattern\":");
	put_pattern(e, row);
	out_text(out, ",\"pattern_type\":\"stix\"");
	put_moment(out, "valid_from", row->decided_at);
	put_moment(out, "valid_until", row->until_at);
	if (row->ended_at.is)
		out_text(out, ",\"revoked\":true");
	out_byte(out, '}');
}

static enum err put_hosts(struct exporting *e, const struct block_list_row *row)
{
	struct block_below_row *rows = NULL;
	size_t n = 0;

	if (!is_name(row->host)) {
		out_print(e->out, "# %.*s\n", STR_ARG(row->host));
		return OK;
	}
	out_print(e->out, "0.0.0.0 %.*s\n", STR_ARG(row->host));
	if (row->is_below)
		TRY(block_below(e->rq, row->host, &rows, &n));
	for (size_t i = 0; i < n; i++)
		if (is_name(rows[i].host) && !block_is_ours(e->rq, rows[i].host, false))
			out_print(e->out, "0.0.0.0 %.*s\n", STR_ARG(rows[i].host));
	return OK;
}

static void put_csv(struct exporting *e, const struct block_list_row *row)
{
	struct out *out = e->out;

	out_csv(out, row->host);
	out_print(out, ",%s,", row->is_below ? "yes" : "no");
	if (row->first_at.is)
		out_instant(out, (struct instant){ row->first_at.i });
	out_byte(out, ',');
	out_instant(out, row->decided_at);
	out_byte(out, ',');
	out_instant(out, row->until_at);
	out_byte(out, ',');
	if (row->first_at.is)
		out_int(out, (row->decided_at.ms - row->first_at.i) / MINUTES(1).ms);
	out_byte(out, ',');
	out_csv(out, row->because);
	out_text(out, "\r\n");
}

static enum err put(struct exporting *e, const struct block_list_row *row)
{
	bool counts = !row->ended_at.is && instant_is_before(e->rq->now, row->until_at);

	/* What the clock ended needs no telling: valid_until stood in it from the beginning. */
	if (!counts && (e->format != BLOCK_STIX || !row->ended_at.is))
		return OK;
	if (counts && block_is_ours(e->rq, row->host, row->is_below)) {
		e->kept++;
		return OK;
	}
	if (e->format == BLOCK_STIX)
		put_stix(e, row);
	else if (e->format == BLOCK_CSV)
		put_csv(e, row);
	else
		TRY(put_hosts(e, row));
	e->n++;
	return OK;
}

enum err block_export(struct rq *rq, enum block_format format, struct out *ret, int64_t *ret_kept)
{
	struct block_list_row *rows;
	size_t n;
	struct exporting e = { .rq = rq, .out = ret, .objects = out_new(rq->arena), .format = format };

	if (format == BLOCK_CSV)
		out_text(ret, "host,all_below,first_reported,blocked,until,minutes,because\r\n");
	else if (format == BLOCK_HOSTS)
		out_text(ret, "# Samordna: hosts that a person decided to block. Fetch anew: blocks end. Names below a blocked domain stand here when they were reported; a number is a remark.\n");
	TRY(block_list(rq, instant_plus(rq->now, format == BLOCK_STIX ? DAYS(-90) : DAYS(0)), &rows, &n));
	for (size_t i = 0; i < n; i++)
		TRY(put(&e, &rows[i]));
	if (format == BLOCK_STIX) {
		out_text(ret, "{\"type\":\"bundle\",\"id\":\"bundle--");
		put_id(ret, out_str(&e.objects));
		out_text(ret, "\"");
		if (e.n) {
			out_text(ret, ",\"objects\":[\n");
			out_put(ret, out_str(&e.objects));
			out_text(ret, "\n]");
		}
		out_text(ret, "}\n");
	}
	*ret_kept = e.kept;
	return OK;
}
