#!/bin/sh
# While the standing is read: pages and commands answer, the gate keeps what it is asked, and what is written counts when it opens.
# What is walled in cannot be looked through for leaks at its end.
LC_ALL=en_US.UTF-8 ASAN_OPTIONS=detect_leaks=0 exec python3 "$TOP/tests/loading.py"
