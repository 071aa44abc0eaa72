package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"io"
	"net"

	"github.com/moby/buildkit/util/sshutil"
	"golang.org/x/crypto/ssh"
)

// runSSHServers starts ssh servers with several sets of host keys, and writes for each a line with its address, a tab, and
// the known_hosts line that BuildKit's own scan of it gives. They run until the input ends.
func runSSHServers(in io.Reader, out io.Writer) error {
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return err
	}
	p256, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	p521, err := ecdsa.GenerateKey(elliptic.P521(), rand.Reader)
	if err != nil {
		return err
	}
	_, edKey, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return err
	}
	servers := []struct {
		keys []crypto.Signer
		kex  []string
	}{
		{keys: []crypto.Signer{rsaKey}},
		{keys: []crypto.Signer{p256}},
		{keys: []crypto.Signer{edKey}},
		{keys: []crypto.Signer{edKey, rsaKey, p256}},
		{keys: []crypto.Signer{edKey, p521, rsaKey}},
		{keys: []crypto.Signer{edKey, rsaKey}, kex: []string{"ecdh-sha2-nistp256"}},
		{keys: []crypto.Signer{edKey}, kex: []string{"ecdh-sha2-nistp384"}},
		{keys: []crypto.Signer{p256}, kex: []string{"ecdh-sha2-nistp521"}},
	}
	for _, s := range servers {
		config := &ssh.ServerConfig{NoClientAuth: true}
		config.KeyExchanges = s.kex
		for _, k := range s.keys {
			signer, err := ssh.NewSignerFromSigner(k)
			if err != nil {
				return err
			}
			config.AddHostKey(signer)
		}
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		go serveSSH(l, config)
		line, err := sshutil.SSHKeyScan(l.Addr().String())
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "%s\t%s\n", l.Addr(), line)
	}
	_, err = io.Copy(io.Discard, in)
	return err
}

func serveSSH(l net.Listener, config *ssh.ServerConfig) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			defer conn.Close()
			// Whoever scans leaves before the handshake is done.
			_, _, _, _ = ssh.NewServerConn(conn, config)
		}()
	}
}
