"""A reverse proxy and we must agree where one request ends and the next begins. nginx stands in front with one connection kept to us; each variant
of a request that two parsers could cut differently is sent through it and to us alone, and then somebody else asks for a plain page: whatever
comes must be the answer to that, and no page that only the hidden request asks for may ever be asked for."""
import os, random, re, socket, subprocess, sys, time
from house import WORK, House, say

ALL = bool(os.environ.get("ALL"))
HIDDEN = b"/hidden-page"


def variants(host):
    """Bytes of requests whose body, read as a second request, asks for HIDDEN."""
    hidden = b"GET " + HIDDEN + b" HTTP/1.1\r\nHost: " + host + b"\r\n\r\n"
    chunked = b"0\r\n\r\n" + hidden
    head = b"POST /login HTTP/1.1\r\nHost: " + host + b"\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    lengths = [b"Content-Length: %d" % len(hidden), b"Content-Length: 0\r\nContent-Length: %d" % len(hidden), b"Content-Length: %d, 0" % len(hidden), b"Content-Length: +%d" % len(hidden),
               b"Content-Length : 0", b"Content-Length:\x0b0", b"Content-Length: 0x0", b"Content-Length: -1", b"Content-Length: 0 0", b" Content-Length: 0", b"Content-Length\x00: 0",
               b"Content-Length: 00000000000000000000000000000000", b"Content-Length: 1e1", b"content-length: 0\r\nContent-LENGTH: 0", b"Content-Length:"]
    codings = [b"Transfer-Encoding: chunked", b"Transfer-Encoding: xchunked", b"Transfer-Encoding : chunked", b"Transfer-Encoding:\tchunked", b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
               b"Transfer-Encoding:\r\n chunked", b"Transfer-Encoding: identity, chunked", b"Transfer-Encoding: chunked, identity", b"Transfer-Encoding: \"chunked\"", b"X: x\nTransfer-Encoding: chunked",
               b"Transfer-Encoding: CHUNKED", b"Transfer-Encoding: chunked;q=1", b" Transfer-Encoding: chunked", b"Transfer-Encoding\x0b: chunked", b"Transfer_Encoding: chunked", b"TE: chunked"]
    ends = [b"\r\n", b"\n"]
    sizes = [b"0", b"00", b"0;x", b"0 ", b"+0", b"0x0", b"-0", b"0\t", b"g", b"ffffffffffffffff0", b"0;\"\r\n\""]
    found = [head + length + b"\r\n\r\n" + hidden for length in lengths]
    found += [head + coding + b"\r\n\r\n" + chunked for coding in codings]
    found += [head + length + b"\r\n" + coding + b"\r\n\r\n" + body for length in lengths for coding in codings for body in ((chunked, hidden) if ALL else (chunked,))]
    found += [head + b"Transfer-Encoding: chunked" + end + end + size + end + end + hidden for end in ends for size in sizes]
    found += [b"GET /login HTTP/1.1\r\nHost: " + host + b"\r\nContent-Length: %d\r\n\r\n" % len(hidden) + hidden, b"GET /login HTTP/1.0\r\nHost: " + host + b"\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked,
              b"HEAD /login HTTP/1.1\r\nHost: " + host + b"\r\nContent-Length: %d\r\n\r\n" % len(hidden) + hidden, b"GET /login\r\n" + hidden, b"\r\n\r\nGET /login HTTP/1.1\r\nHost: " + host + b"\r\n\r\n"]
    if not ALL:
        random.shuffle(found)
        found = found[:150]
    return found


def ask(port, bytes, patience=0.3):
    """All that comes back until it is quiet."""
    got = b""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=3) as one:
            one.sendall(bytes)
            one.settimeout(patience)
            while True:
                part = one.recv(65536)
                if not part:
                    break
                got += part
    except OSError:
        pass
    return got


def main():
    nginx = next((p for p in ("/usr/sbin/nginx", "/usr/bin/nginx") if os.path.exists(p)), None)
    if not nginx:
        print("skip smuggling: nginx is not installed", flush=True)
        return
    house = House("smuggle", port=28390).start()
    front, folder = 28394, WORK + "/nginx"
    os.mkdir(folder)
    with open(folder + "/nginx.conf", "w") as f:
        f.write("""daemon off; worker_processes 1; pid %s/pid; error_log %s/error.log crit;
events { worker_connections 256; }
http { access_log off; client_body_temp_path %s/a; proxy_temp_path %s/b; fastcgi_temp_path %s/c; uwsgi_temp_path %s/d; scgi_temp_path %s/e;
upstream us { server 127.0.0.1:%d; keepalive 1; }
server { listen 127.0.0.1:%d; location / { proxy_pass http://us; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host localhost:%d; proxy_request_buffering off; } } }
""" % (*[folder] * 7, house.port, front, house.port))
    server = subprocess.Popen([nginx, "-p", folder, "-c", folder + "/nginx.conf", "-e", folder + "/error.log"], stderr=subprocess.DEVNULL)
    try:
        for _ in range(100):
            if b" 200 " in ask(front, b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"):
                break
            time.sleep(0.05)
        else:
            raise SystemExit("nginx does not answer: " + open(folder + "/error.log").read())
        plain = b"GET /healthz HTTP/1.1\r\nHost: localhost:%d\r\nConnection: close\r\n\r\n" % house.port
        right = ask(house.port, plain).split(b"\r\n\r\n", 1)[1]
        wrong, tries = [], 0
        for bytes in variants(b"localhost:%d" % house.port):
            tries += 1
            alone = ask(house.port, bytes, 0.06)
            ask(front, bytes, 0.06)
            # A length and a coding, whatever they say: refused, once, and nothing more is read from there.
            if b"ength" in bytes and b"Transfer-Encoding" in bytes and re.findall(rb"HTTP/1.1 (\d+)", alone) != [b"400"]:
                wrong.append("%r: %r" % (bytes[:200], alone[:100]))
            after = ask(front, plain, 1)
            if b" 200 " not in after.split(b"\r\n", 1)[0] or right not in after:
                wrong.append("somebody else got, after %r: %r" % (bytes[:300], after[:200]))
        say("smuggling: %d variants through nginx and alone, and nobody gets another's answer" % tries, not wrong and tries > 100, "\n".join(wrong[:10]))
    finally:
        server.terminate()
        server.wait()
    say("smuggling: web has not fallen", "ended" not in open(house.log).read(), open(house.log).read()[-500:])
    house.stop()


main()
