"""A way between Samordna and an OpenVPN server's management socket on which events of clients are lost, doubled or come too late.

What the server asks about (CONNECT) and its answers pass; what it tells (ESTABLISHED, DISCONNECT) is mangled as `mode` says: pass, lose, double,
late, mixed. `cut()` ends the connection and takes none; `mend()` takes one again."""
import os, random, socket, threading, time

class Mangler(threading.Thread):
    def __init__(self, real, mangled):
        super().__init__(daemon=True)
        self.real, self.mangled, self.mode, self.is_cut, self.pair = real, mangled, "pass", False, ()
        self.done = {"lose": 0, "double": 0, "late": 0}
        self.listen()
    def listen(self):
        if os.path.exists(self.mangled):
            os.unlink(self.mangled)
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.mangled)
        self.listener.listen(1)
    def cut(self):
        self.is_cut = True
        os.unlink(self.mangled)
        for s in self.pair:
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass            # its own thread was faster
    def mend(self):
        listener = self.listener
        self.listen()
        self.is_cut = False
        listener.close()
    def run(self):
        while True:
            if self.is_cut:
                time.sleep(0.1)
                continue
            listener = self.listener
            listener.settimeout(0.5)
            try:
                ours, _ = listener.accept()
            except OSError:
                continue
            theirs = socket.socket(socket.AF_UNIX)
            theirs.connect(self.real)
            self.pair = (ours, theirs)
            there = threading.Thread(target=self.there, args=(ours, theirs), daemon=True)
            there.start()
            self.back(ours, theirs)
            there.join()
            ours.close()
            theirs.close()
    def there(self, ours, theirs):
        try:
            while data := ours.recv(65536):
                theirs.sendall(data)
            theirs.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
    def back(self, ours, theirs):
        rest, event, late, lock = b"", None, [], threading.Lock()
        def send(data):
            with lock:
                try:
                    ours.sendall(data)
                except OSError:
                    pass
        try:
            while data := theirs.recv(65536):
                lines = (rest + data).split(b"\n")
                rest = lines.pop()
                for line in lines:
                    line += b"\n"
                    if line.startswith((b">CLIENT:ESTABLISHED", b">CLIENT:DISCONNECT")):
                        event = line
                    elif event is not None:
                        event += line
                        if line.startswith(b">CLIENT:ENV,END"):
                            self.mangle(event, send)
                            event = None
                    else:
                        send(line)
                if event is None and rest.endswith(b"PASSWORD:"):
                    send(rest)
                    rest = b""
            ours.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
    def mangle(self, event, send):
        how = random.choice(["lose", "double", "late", "pass"]) if self.mode == "mixed" else self.mode
        if how in self.done:
            self.done[how] += 1
        if how == "late":
            timer = threading.Timer(random.uniform(0.5, 3), send, [event])
            timer.daemon = True
            timer.start()
        elif how != "lose":
            send(event * (2 if how == "double" else 1))
