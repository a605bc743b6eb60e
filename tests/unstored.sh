# The store cannot be written (rule K8): by itself nobody gets in, and is told why and when; with a signed decision class 1 and 2 get 15 minutes, which are
# written down when it can be written again.
set -u
exec python3 "$TOP/tests/unstored.py"
