# The three commands at the root: what they do with a wrong word, and that they ask for nothing when nothing lacks.
set -u
cd "$TOP"
check() { name=$1; shift; if "$@"; then echo "ok $name"; else echo "not ok $name"; fi; }
exits() { want=$1; shift; "$@" >"$WORK/out" 2>&1; got=$?; [ $got = "$want" ] || { echo "exit $got, wanted $want: $*" >&2; cat "$WORK/out" >&2; return 1; }; }

check "run: an unknown option is exit 2" exits 2 ./run --nonsense
check "run: --port needs a number" exits 2 ./run --port x
check "test: an unknown option is exit 2" exits 2 ./test --nonsense
check "bench: an unknown name is exit 2" exits 2 ./bench nonsense
# With apt-get and sudo out of reach and no network, a machine that has everything is content.
mkdir "$WORK/bin"
for one in apt-get sudo apt-cache; do printf '#!/bin/sh\necho "%s was called" >&2\nexit 99\n' $one >"$WORK/bin/$one"; done
chmod +x "$WORK"/bin/*
check "need: nothing lacks, nothing is asked" env PATH="$WORK/bin:$PATH" tools/need run build test
printf '[run]\nno-such-package-at-all | nor-this\n' >"$WORK/packages"
mkdir "$WORK/tools"
cp tools/need "$WORK/tools/"
check "need: what lacks is installed by apt-get alone" exits 99 env PATH="$WORK/bin:$PATH" "$WORK/tools/need" run
check "scripts are POSIX sh" sh -c 'for f in run test bench .ci/run tools/need tools/build tests/*.sh tests/load/*.bench; do [ ! -f $f ] || sh -n $f || exit 1; done'
