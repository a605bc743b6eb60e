/* What time brings: a log that has fallen silent, one leaf a tick, the next in a minute; else the alarms of legal clocks. */
#include "law.h"
#include "log.h"

enum err incidents_tick(struct rq *rq)
{
	bool has_said = false;

	TRY(incidents_logs_tick(rq, &has_said));
	return has_said ? OK : incidents_alarms_tick(rq, &has_said);
}
