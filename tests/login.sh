# Logging in to Samordna itself, on the release build: set-up, second factor, what a stranger can learn, forged forms, invitation,
# lost factors, the last resort, and becoming somebody else in an exercise. A python client with real processes; then the same acts
# on PostgreSQL.
set -u
chmod 755 "$WORK" "$(dirname "$WORK")"     # with PostgreSQL core walks to HOME/store from the root
python3 "$TOP/tests/login.py" || exit 1
"$TOP/tests/postgres" "$TOP/tests/login.py"
case $? in
0) ;;
77) echo "skip postgres no PostgreSQL is installed" ;;
*) exit 1 ;;
esac
