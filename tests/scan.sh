# F24: what scanners look for. Our own look at TLS, headers and every address; with --all also testssl, wapiti and sqlmap, where they are installed.
set -u
exec python3 "$TOP/tests/faults/scan.py"
