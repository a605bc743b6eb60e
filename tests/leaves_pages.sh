# Each act on a page leaves exactly one leaf, in the name of whoever did it; what is refused leaves none. Every address that takes a form and
# every act there is taken from `samordna route list`: one that has no case in leaves_pages.py fails this test.
set -u
exec python3 "$TOP/tests/leaves_pages.py"
