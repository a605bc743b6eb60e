# Logging in to Samordna itself, on the release build: set-up, second factor, what a stranger can learn, forged forms, invitation,
# lost factors, the last resort, and becoming somebody else in an exercise. A python client with real processes.
set -u
exec python3 "$TOP/tests/login.py" "$BUILD/samordna" "$WORK"
