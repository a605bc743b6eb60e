#!/bin/sh
# A caller is asked in an app of her own (OpenID CIBA, poll mode) and told by SMS, against an HTTPS server that plays the provider and the gateway: yes, no, nobody
# answers, another person's token, a stale one, another issuer's, slow_down, down, a false certificate; what an SMS gateway refuses stands in the outbox.
set -u
exec python3 "$TOP/tests/proof.py"
