package signalclient_test

import "testing"

// If this fails, the client library is not what these tests think it is (its
// versions do not talk to each other, or write another version byte), and no
// other result here means anything.
func TestControlClientsTalkToEachOther(t *testing.T) {
	const aliceJID, bobJID = "111111111111111:2@lid", "222222222222222:33@lid"
	for _, from := range versions {
		for _, to := range versions {
			t.Run(from+" to "+to, func(t *testing.T) {
				alice := startPeer(t, from).create(t, "alice")
				bob := startPeer(t, to).create(t, "bob")
				alice.begin(t, bobJID, bob.publish(t, true))

				first := alice.encrypt(t, bobJID, []byte("one"))
				if first.Type != "pkmsg" || first.Ciphertext[0] != versionByte[from] {
					t.Fatalf("first message is a %s of version %#x", first.Type, first.Ciphertext[0])
				}
				if got, err := bob.decrypt(t, aliceJID, first); err != nil || string(got) != "one" {
					t.Fatalf("got %q, %v", got, err)
				}
				if n := bob.prekeys(t, aliceJID); n != 0 {
					t.Fatalf("%d one-time prekeys are left", n)
				}
				answer := bob.encrypt(t, aliceJID, []byte("two"))
				if answer.Type != "msg" || answer.Ciphertext[0] != versionByte[to] {
					t.Fatalf("answer is a %s of version %#x", answer.Type, answer.Ciphertext[0])
				}
				if got, err := alice.decrypt(t, bobJID, answer); err != nil || string(got) != "two" {
					t.Fatalf("got %q, %v", got, err)
				}
				if _, err := alice.decrypt(t, bobJID, answer); refusalName(err) != "DuplicatedMessage" {
					t.Fatalf("a second delivery: %v", err)
				}
			})
		}
	}
}
