# kill -9 on each process in turn, under load; within an import; within sealing. The judge is the clients' own list of answers.
# alone: at least 200 writes a second are to be in flight.
# 50 kills, 300 with --all. SEED=N repeats a run's choices.
set -u
cd "$TOP/tests/faults"
if [ -n "$ALL" ]; then
	exec python3 kills.py 300 10 30
fi
exec python3 kills.py 50 2 4
