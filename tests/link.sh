# link check as it is called, and how well it tells imitations of names that nobody has chosen from ordinary names: tests/link.py.
set -u
PYTHONDONTWRITEBYTECODE=1 exec python3 "$TOP/tests/link.py"
