package login

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/naming"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
)

// Claims is what a token says: the part of an Entra access token that matters here.
type Claims struct {
	Audience string   `json:"aud"`
	Issuer   string   `json:"iss"`
	IssuedAt int64    `json:"iat"`
	NotUntil int64    `json:"nbf"`
	Expires  int64    `json:"exp"`
	AppID    string   `json:"appid"`
	ObjectID string   `json:"oid"`
	Subject  string   `json:"sub"`
	TenantID string   `json:"tid"`
	Roles    []string `json:"roles,omitzero"` // an application's: [] where it has none
	Scopes   string   `json:"scp,omitempty"`  // a person's
	Version  string   `json:"ver"`
}

// signer makes and checks tokens with a key of its own. Clients don't look inside an access token
// for its signature, so a symmetric one will do.
type signer struct{ key []byte }

func newSigner() *signer {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails
	return &signer{key: key}
}

func (s *signer) Sign(v any) string {
	head := base64.RawURLEncoding.EncodeToString([]byte(`{"typ":"JWT","alg":"HS256","kid":"simulator"}`))
	body := head + "." + base64.RawURLEncoding.EncodeToString(rawjson.Marshal(v))
	return body + "." + base64.RawURLEncoding.EncodeToString(s.mac(body))
}

func (s *signer) mac(text string) []byte {
	m := hmac.New(sha256.New, s.key)
	m.Write([]byte(text))
	return m.Sum(nil)
}

var errMalformed = errors.New("malformed token")

// Read is the claims of a token of ours.
func (s *signer) Read(token string) (*Claims, error) {
	body, signature, ok := naming.CutLast(token, ".")
	if !ok {
		return nil, errMalformed
	}
	mac, err := base64.RawURLEncoding.DecodeString(signature)
	if err != nil || !hmac.Equal(mac, s.mac(body)) {
		return nil, errMalformed
	}
	_, payload, _ := strings.Cut(body, ".")
	raw, err := base64.RawURLEncoding.DecodeString(payload)
	if err != nil {
		return nil, errMalformed
	}
	c := &Claims{}
	if json.Unmarshal(raw, c) != nil {
		return nil, errMalformed
	}
	return c, nil
}
