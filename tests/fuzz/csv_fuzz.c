/* Any bytes as HR's file. Beside what the sanitizers see: every record is well formed, and no text goes out that is not UTF-8 or
 * holds a control character. */
#include "doors/files.h"
#include "base/when.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n);

static void check_record(const struct people_record *record, size_t left)
{
	assert(left >= sizeof *record && record->length >= sizeof *record && record->length <= left && record->length % 8 == 0);
	assert(record->row >= 2 && record->is_bad <= 1 && record->is_protected <= 1 && record->roles < 1 << 7);
	for (int c = 0; c < PEOPLE_COLUMNS; c++) {
		struct place p = record->text[c];
		assert(p.at <= record->length - sizeof *record && p.length <= record->length - sizeof *record - p.at);
		struct str s = { (const char *)(record + 1) + p.at, p.length };
		assert(str_is_utf8(s));
		for (size_t i = 0; i < s.len; i++)
			assert(((unsigned char)s.at[i] >= 0x20 && s.at[i] != 0x7f) || s.at[i] == '\n');
		if (!record->is_bad && s.len)
			assert(!strchr("=-@", s.at[0]) && (s.at[0] != '+' || c == COLUMN_PHONE));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n)
{
	static bool has_begun;
	struct bytes records = { 0 }, problems = { 0 };
	uint64_t n_records = 0, n_bad = 0, walked = 0, walked_bad = 0;

	if (!has_begun)
		when_start();
	has_begun = true;
	assert(files_people((struct str){ (const char *)at, n }, &records, &problems, &n_records, &n_bad) == OK);
	for (size_t i = 0; i < records.len; walked++) {
		const struct people_record *record = (const void *)(records.at + i);
		check_record(record, records.len - i);
		walked_bad += record->is_bad;
		i += record->length;
	}
	assert(walked == n_records && walked_bad == n_bad);
	for (size_t i = 0; i < problems.len; i += sizeof (struct people_problem)) {
		const struct people_problem *problem = (const void *)(problems.at + i);
		assert(problem->kind < PROBLEMS && problem->column <= PEOPLE_COLUMNS && problem->row >= 1);
		assert(memchr(problem->heading, 0, sizeof problem->heading));
	}
	assert(n_bad == 0 || problems.len > 0);
	free(records.at);
	free(problems.at);
	return 0;
}
