"""lines.py sshd|mixed N [ADDRESSES]: lines of a log as sshd writes it, or of eight formats; 37 % of sshd's are failures, from 2,200 addresses unless told otherwise. Always the same for the same arguments."""
import random, sys

random.seed(7)
kind, n = sys.argv[1], int(sys.argv[2])
N = int(sys.argv[3]) if len(sys.argv) > 3 else 2000
users=["root","admin","test","oracle","anna","bo.ek","carin","git","postgres","ubuntu"]+["u%d"%i for i in range(200)]
ips=["192.0.%d.%d"%(random.randrange(256),random.randrange(256)) for _ in range(N)]+["2001:db8::%x"%random.randrange(65536) for _ in range(N//10)]
out=[]
def ts(i):
    s=i//40
    d=1+(s//86400)%27
    return "Nov %2d %02d:%02d:%02d"%(d,(s//3600)%24,(s//60)%60,s%60)
def sshd(i):
    r=random.random(); u=random.choice(users); a=random.choice(ips); p=random.randrange(1024,65535); pid=random.randrange(300,99999)
    h="%s gw%d sshd[%d]: "%(ts(i),random.randrange(4),pid)
    if r<.14: return h+"Failed password for invalid user %s from %s port %d ssh2"%(u,a,p)
    if r<.26: return h+"Failed password for %s from %s port %d ssh2"%(u,a,p)
    if r<.30: return h+"Invalid user %s from %s port %d"%(u,a,p)
    if r<.55: return h+"Accepted publickey for %s from %s port %d ssh2: ED25519 SHA256:AbCdEfGhIjKlMnOpQrStUvWxYz0123456789abcdefg"%(u,a,p)
    if r<.65: return h+"Connection closed by %s port %d [preauth]"%(a,p)
    if r<.75: return h+"Disconnected from user %s %s port %d"%(u,a,p)
    if r<.85: return h+"Received disconnect from %s port %d:11: Bye Bye [preauth]"%(a,p)
    if r<.93: return h+"pam_unix(sshd:session): session opened for user %s(uid=1000) by (uid=0)"%u
    return h+"pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=%s  user=%s"%(a,u)
def mixed(i):
    k=i%8; u=random.choice(users); a=random.choice(ips[:N]); p=random.randrange(1024,65535); t=ts(i)
    if k==0: return sshd(i)
    if k==1: return "%s vpn openvpn[88]: %s:%d %s"%(t,a,p,random.choice(["TLS Auth Error: Auth Username/Password verification failed for peer","TLS: Username/Password authentication succeeded for username '%s' [CN SET]"%u,"TLS: Initial packet from [AF_INET]%s:%d, sid=1 2"%(a,p),"Control Channel: TLSv1.3, cipher TLSv1.3 TLS_AES_256_GCM_SHA384"]))
    if k==2: return "%s vpn ocserv[%d]: worker: %s failed authentication for '%s'"%(t,p,a,u)
    if k==3: return "%s vpn charon: %02d[IKE] <rw|%d> IKE_SA rw[%d] established between 198.51.100.1[gw]...%s[%s]"%(t,p%16,p,p,a,u)
    if k==4: return "%s rad freeradius[55]: (%d) Login incorrect (pap: Cleartext password does not match \"known good\" password): [%s] (from client gw port 0 cli %s)"%(t,i,u,a)
    if k==5: return '<189>date=2026-11-24 time=08:00:00 devname="fg" devid="FG1" eventtime=1795503600123456789 tz="+0100" logid="0101039426" type="event" subtype="vpn" level="alert" vd="root" logdesc="SSL VPN login fail" action="ssl-login-fail" tunneltype="ssl-web" tunnelid=0 remip=%s user="%s" group="N/A" reason="sslvpn_login_unknown_user" msg="SSL user failed to logged in"'%(a,u)
    if k==6: return "<166>Nov 24 2026 08:00:00: %%ASA-6-113005: AAA user authentication Rejected : reason = AAA failure : server = 10.0.0.5 : user = %s : user IP = %s"%(u,a)
    return '{"@timestamp":"2026-11-24T07:00:00.000Z","winlog":{"event_id":4625,"event_data":{"TargetUserName":"%s","IpAddress":"%s","LogonType":"3","Status":"0xc000006d","SubStatus":"0xc000006a"}}}'%(u,a)
f=sshd if kind=="sshd" else mixed
sys.stdout.write("\n".join(f(i) for i in range(n))+"\n")
