package scimapp

import (
	"strings"
	"testing"
)

// A profile that can't be right is refused, and told what is wrong.
func TestParse_Refuses(t *testing.T) {
	const stated = `"confidence":"documented","source":"https://example.com","says":"It does."`
	for rule, want := range map[string]string{
		`"kind":"required","attribute":"nickName",` + stated: "",
		`"kind":"required","attribute":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",` +
			stated: "",
		`"kind":"required","attribute":"urn:example:params:scim:User:team",` + stated: "",
		`"kind":"required","attribute":"nicknam",` + stated:                           `attribute "nicknam" is none of`,
		`"kind":"required","attribute":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:team",` +
			stated: "is none of",
		`"kind":"required",` + stated:                                                          "attribute is missing",
		`"kind":"wanted","attribute":"nickName",` + stated:                                     "the kind isn't known",
		`"kind":"required","attribute":"nickName","confidence":"documented","says":"It does."`: "source isn't the address",
		`"kind":"max_length","attribute":"nickName",` + stated:                                 "length is missing",
		`"kind":"max_length","attribute":"nickName","length":3,"key":"none",` + stated:         `key "none"`,
		`"kind":"unique","attribute":"nickName",` + stated:                                     "only userName",
	} {
		_, err := Parse("x", []byte(`{"title":"X","provisioned":{`+stated+`},"rules":[{`+rule+`}]}`))
		switch {
		case want == "" && err != nil:
			t.Errorf("%s: %v", rule, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%s: got %v, want %q", rule, err, want)
		}
	}
}
