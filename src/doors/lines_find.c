/* Which service's message it is, and what its forms make of it.
 *
 * A known program's words are judged by its own forms and by PAM's, which writes under the name of whoever asked it; an unknown program's by the
 * vendors' and PAM's; where no program is told, by all.
 *
 * SECURITY: a known daemon's words about a stranger are never taken for another daemon's message. */
#include "doors/lines_parts.h"

#define NO_PROGRAM SIZE_MAX

static int service_of(struct line_finder *finder, const struct line_record *record)
{
	struct str program = record->program;

	if (record->names) {
		if (!record->names->has_service) {
			record->names->service = (int16_t)form_service(program);
			record->names->has_service = true;
		}
		finder->n_program = NO_PROGRAM;
		return finder->program_service = record->names->service;
	}
	if (program.len == finder->n_program && memcmp(program.at, finder->program, program.len) == 0)
		return finder->program_service;
	int service = form_service(program);
	if (program.len && program.len <= sizeof finder->program) {
		memcpy(finder->program, program.at, program.len);
		finder->n_program = program.len;
		finder->program_service = service;
	}
	return service;
}

bool finder_judge(int service, struct str text, struct line_found *ret)
{
	static int pam = -1;
	const struct line_service *of = line_services[service];

	*ret = (struct line_found){ .count = 1 };
	struct str message = of->strip ? of->strip(text, ret) : text;
	if (form_match(service, message, ret))
		return true;
	if (!of->has_pam)
		return false;
	if (pam < 0)
		pam = form_service_named(STR("pam"));
	message = line_services[pam]->strip(message, ret);
	return form_match(pam, message, ret);
}

static struct line_plain *plain_of[LINE_SERVICES];

void finder_start(struct line_finder *finder, const char *format)
{
	form_start();
	for (int s = 0; line_services[s] && !plain_of[s]; s++)
		plain_of[s] = plain_new(s, finder_judge);
	finder->format = format;
	finder->n_program = NO_PROGRAM;
	finder->program_service = -1;
	finder->service = format ? form_service_named(str_of(format)) : -1;
	if (format && finder->service < 0)
		finder->service = -2;
}

bool finder_quick(struct line_finder *finder, const struct line_record *record, struct line_plain_found *ret)
{
	if (finder->service != -1 || !record->names->has_service)
		return false;
	int service = record->names->service;
	if (service < 0 || !plain_of[service] || !plain_look(plain_of[service], record->text, ret))
		return false;
	finder->n_program = NO_PROGRAM;
	finder->program_service = service;
	return true;
}

static bool try_forms(int service, struct str text, struct line_found *ret)
{
	return (plain_of[service] && plain_match(plain_of[service], text, ret)) || finder_judge(service, text, ret);
}

/* A message with no program before it: the first service that knows it, but none that says nothing of a login if another does. */
static bool try_all(struct str text, struct line_found *ret)
{
	struct line_found other;
	bool has_other = false;

	for (int s = 0; line_services[s]; s++) {
		if (!try_forms(s, text, ret))
			continue;
		if (ret->outcome != LINE_OTHER)
			return true;
		if (!has_other)
			other = *ret;
		has_other = true;
	}
	if (has_other)
		*ret = other;
	return has_other;
}

bool finder_find(struct line_finder *finder, struct line_record *record, struct line_found *ret)
{
	int service = record->program.at ? service_of(finder, record) : -1;

	if (finder->service >= 0) {
		finder->program_service = finder->service;
		finder->n_program = NO_PROGRAM;
		return try_forms(finder->service, record->text, ret) || (service < 0 && try_forms(finder->service, record->bare, ret));
	}
	if (service >= 0 && finder->service == -1 && try_forms(service, record->text, ret))
		return true;
	if (service >= 0 && finder->service == -1)
		return false;                    /* a known daemon's words about a stranger are not another's message */
	static int asa = -1;
	if (asa < 0)
		asa = form_service_named(STR("asa"));
	if (finder->service == -1 && record->bare.len && memchr(record->bare.at, '%', MIN(record->bare.len, (size_t)80)) && try_forms(asa, record->bare, ret))
		return true;
	*ret = (struct line_found){ .count = 1 };
	if (vendor_match(finder->format, record, ret, finder->text, sizeof finder->text))
		return true;
	if (finder->service == -2)
		return false;
	/* PAM writes under the name of whoever asked it. */
	int pam = form_service_named(STR("pam"));
	if (record->program.at && try_forms(pam, record->text, ret))
		return true;
	/* What looked like a program may have been the message's first word. */
	bool is_word = record->program.at && !record->pid.at;
	if (record->program.at && !is_word)
		return record->text.at != record->bare.at && try_forms(pam, record->bare, ret);
	finder->program_service = -1;
	finder->n_program = NO_PROGRAM;
	return try_all(record->bare, ret);
}
