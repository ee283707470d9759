package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"libcallkey/tools/contract/header"
)

// The parts of CycloneDX 1.6 that this program writes (https://cyclonedx.org/docs/1.6/json/).
// It writes no time and no serial number: the same library gives the same bytes.
type bill struct {
	Schema       string       `json:"$schema"`
	BOMFormat    string       `json:"bomFormat"`
	SpecVersion  string       `json:"specVersion"`
	Version      int          `json:"version"`
	Metadata     metadata     `json:"metadata"`
	Components   []part       `json:"components"`
	Dependencies []dependency `json:"dependencies"`
}

type metadata struct {
	Component part `json:"component"`
}

type part struct {
	Type       string     `json:"type"`
	Ref        string     `json:"bom-ref"`
	Name       string     `json:"name"`
	Version    string     `json:"version"`
	Hashes     []hash     `json:"hashes,omitempty"`
	Licences   []choice   `json:"licenses"`
	PURL       string     `json:"purl,omitempty"`
	Properties []property `json:"properties,omitempty"`
}

type hash struct {
	Algorithm string `json:"alg"`
	Content   string `json:"content"`
}

type choice struct {
	Licence identifier `json:"license"`
}

type identifier struct {
	ID string `json:"id"`
}

type property struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type dependency struct {
	Ref       string   `json:"ref"`
	DependsOn []string `json:"dependsOn"`
}

// sbom is the bill of materials of one built library: its SHA-256 and its components. A module
// has the hash of its tree as go.sum has it (h1, SHA-256 over the SHA-256 of each file), which
// is not the hash of a file, so it is a property.
func sbom(library string, made build, components []component) ([]byte, error) {
	content, err := os.ReadFile(library)
	if err != nil {
		return nil, err
	}
	contract, err := header.Read("include/callkey.h")
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(content)
	whole := part{
		Type: "library", Ref: "libcallkey", Name: "libcallkey", Version: contract.Version,
		Hashes:     []hash{{"SHA-256", hex.EncodeToString(sum[:])}},
		Licences:   []choice{{identifier{"GPL-3.0-only"}}},
		Properties: []property{{"build", string(made)}},
	}
	b := bill{
		Schema: "http://cyclonedx.org/schema/bom-1.6.schema.json", BOMFormat: "CycloneDX", SpecVersion: "1.6", Version: 1,
		Metadata: metadata{whole}, Dependencies: []dependency{{Ref: whole.Ref}},
	}
	for _, c := range components {
		one := part{
			Type: "library", Ref: c.purl, Name: c.name, Version: c.version, PURL: c.purl,
			Licences: []choice{{identifier{c.licence.id}}},
		}
		if c.sum != "" {
			if _, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(c.sum, "h1:")); err != nil {
				return nil, fmt.Errorf("%s: %w", c.name, err)
			}
			one.Properties = []property{{"go.sum", c.sum}}
		}
		b.Components = append(b.Components, one)
		b.Dependencies[0].DependsOn = append(b.Dependencies[0].DependsOn, one.Ref)
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	err = encoder.Encode(b)
	return out.Bytes(), err
}
