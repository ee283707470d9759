package stanza_test

import (
	"fmt"
	"testing"

	"libcallkey/core/stanza"
)

// The offer to devices that are checked, with ciphertexts as long as they usually are.
func BenchmarkBuildOfferTo(b *testing.B) {
	for _, n := range []int{1, 2, 10, 100} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			o := callOptions()
			var tos []stanza.To
			for _, e := range manyEncs(n, 260, stanza.EncMsg) {
				tos = append(tos, to(b, e))
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := stanza.BuildOfferTo(nil, tos, o); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkBuildRekey(b *testing.B) {
	enc, o := manyEncs(1, 260, stanza.EncMsg)[0], rekeyOptions()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := stanza.BuildRekey(enc, 7, o); err != nil {
			b.Fatal(err)
		}
	}
}

// One device reads an offer to n.
func BenchmarkParseOffer(b *testing.B) {
	for _, n := range []int{1, 2, 10, 100} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			encs := manyEncs(n, 260, stanza.EncMsg)
			wire := mustBuild(b, encs, callOptions())
			own := []string{encs[n-1].JID}
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := stanza.ParseOffer(wire, own); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
