# Verifying a caller on pages: the presses it takes, who may touch whose call, /akta and its throttle, the link that came by mail, the code under
# duress beside the right one, and what a killed server keeps.
set -u
exec python3 "$TOP/tests/verify.py"
