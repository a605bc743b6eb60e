# Sourced by the benches that stand beside FreeRADIUS: what prints figures, and the peers with a configuration of their own, loopback only.
# peers_start: FreeRADIUS with its files module on 28221, and with PostgreSQL on 28222 and, for accounting, 28223; under $W. peers_stop ends them.
peers= pg=
say() { echo "bench: $*" >&2; }
line() { # BENCH OURS PEER NAME UNIT: a line of figures
	python3 - "$@" <<'PY'
import json, sys
b, ours, peer, name, unit = sys.argv[1:6]
ours = float(ours); peer = float(peer) if peer else None
print(json.dumps({"bench": b, "ours": ours, "peer": peer, "peer_name": name or None, "unit": unit, "ratio": round(ours / peer, 3) if peer else None}))
PY
}
median() { sort -n | awk '{a[NR] = $1} END {print NR % 2 ? a[(NR + 1) / 2] : (a[NR / 2] + a[NR / 2 + 1]) / 2}'; }
field() { sed -n "s/.*\"$1\":\([0-9.]*\).*/\1/p"; }

load() { "$BUILD/tests/load/radius_load" "$@"; }
peers_stop() {
	[ -z "$peers" ] || kill $peers 2>/dev/null || true
	[ -z "$pg" ] || runuser -u postgres -- "$pg/pg_ctl" -D "$W/pg" -m immediate stop >/dev/null 2>&1 || true
}
peers_start() {
F=$W/freeradius
mkdir -p "$F/log"
pgbin=$(ls -d /usr/lib/postgresql/*/bin | tail -1) pg=$pgbin
install -d -o postgres "$W/pg" "$W/pgsock"
runuser -u postgres -- "$pgbin/initdb" -D "$W/pg" -A trust >/dev/null
runuser -u postgres -- "$pgbin/pg_ctl" -D "$W/pg" -o "-k $W/pgsock -h ''" -l "$W/pgsock/log" -w start >/dev/null
runuser -u postgres -- psql -h "$W/pgsock" -q -d postgres >/dev/null <<'SQL'
CREATE ROLE radius LOGIN SUPERUSER;
CREATE TABLE radcheck (id serial PRIMARY KEY, username text, attribute text, op varchar(2), value text);
CREATE TABLE radreply (id serial PRIMARY KEY, username text, attribute text, op varchar(2), value text);
CREATE TABLE radusergroup (id serial PRIMARY KEY, username text, groupname text, priority int);
CREATE TABLE radgroupcheck (id serial PRIMARY KEY, groupname text, attribute text, op varchar(2), value text);
CREATE TABLE radgroupreply (id serial PRIMARY KEY, groupname text, attribute text, op varchar(2), value text);
CREATE TABLE radpostauth (id bigserial PRIMARY KEY, username text, pass text, reply text, calledstationid text, callingstationid text, authdate timestamptz DEFAULT now(), class text);
CREATE INDEX ON radcheck (username); CREATE INDEX ON radreply (username); CREATE INDEX ON radusergroup (username);
INSERT INTO radcheck (username, attribute, op, value) SELECT 'u' || n, 'Cleartext-Password', ':=', 'pw' FROM generate_series(0, 9999) n;
SQL
# Accounting's table as FreeRADIUS ships it.
grep -v '^--' /etc/freeradius/3.0/mods-config/sql/main/postgresql/schema.sql | sed -n '/^CREATE TABLE IF NOT EXISTS radacct/,/);/p; /^CREATE INDEX radacct/,/;/p' |
	runuser -u postgres -- psql -h "$W/pgsock" -q -d postgres >/dev/null
radius_conf() { # NAME PORT: common head
	cat <<CONF
prefix = /usr
logdir = $F/log
run_dir = $F
libdir = /usr/lib/freeradius
modconfdir = /etc/freeradius/3.0/mods-config
max_requests = 65536
thread pool {
  start_servers = 8
  max_servers = 16
}
security {
  reject_delay = 0
}
client bench {
  ipaddr = 127.0.0.0/8
  secret = testing456
}
CONF
}
mkdir -p "$F/files" "$F/sql"
{ radius_conf; cat <<CONF; } >"$F/files/radiusd.conf"
modules {
  files {
    filename = $F/files/users
  }
  pap {
  }
}
server files {
  listen {
    type = auth
    ipaddr = 127.0.0.1
    port = 28221
  }
  authorize {
    files
    pap
  }
  authenticate {
    pap
  }
}
CONF
{ radius_conf; cat <<CONF; } >"$F/sql/radiusd.conf"
modules {
  expr {
  }
  date {
  }
  sql {
    dialect = "postgresql"
    driver = "rlm_sql_postgresql"
    radius_db = "dbname=postgres host=$W/pgsock user=radius"
    acct_table1 = "radacct"
    acct_table2 = "radacct"
    postauth_table = "radpostauth"
    authcheck_table = "radcheck"
    groupcheck_table = "radgroupcheck"
    authreply_table = "radreply"
    groupreply_table = "radgroupreply"
    usergroup_table = "radusergroup"
    client_table = "nas"
    group_attribute = "SQL-Group"
    read_groups = no
    read_clients = no
    pool {
      start = 8
      min = 8
      max = 16
      spare = 4
      uses = 0
      lifetime = 0
      idle_timeout = 0
    }
    \$INCLUDE /etc/freeradius/3.0/mods-config/sql/main/postgresql/queries.conf
  }
  pap {
  }
}
server sql {
  listen {
    type = auth
    ipaddr = 127.0.0.1
    port = 28222
  }
  authorize {
    sql
    pap
  }
  authenticate {
    pap
  }
  post-auth {
    sql
  }
  listen {
    type = acct
    ipaddr = 127.0.0.1
    port = 28223
  }
  preacct {
    update request {
      &Acct-Unique-Session-Id := "%{Acct-Session-Id}"
      &NAS-IP-Address := 127.0.0.1
    }
  }
  accounting {
    sql
  }
}
CONF
python3 -c '
for i in range(10000): print("u%d Cleartext-Password := \"pw\"" % i)' >"$F/files/users"
for d in files sql; do printf '$INCLUDE /usr/share/freeradius/dictionary\n' >"$F/$d/dictionary"; done
chown -R freerad: "$F" 2>/dev/null || true
freeradius -f -d "$F/files" -l "$F/log/files" >"$F/log/files.out" 2>&1 & peers=$!
freeradius -f -d "$F/sql" -l "$F/log/sql" >"$F/log/sql.out" 2>&1 & peers="$peers $!"
for _ in $(seq 40); do grep -qs Ready "$F/log/files" && grep -qs Ready "$F/log/sql" && break; sleep 0.25; done
grep -qs Ready "$F/log/files" && grep -qs Ready "$F/log/sql" || { cat "$F"/log/* >&2; exit 1; }
}
