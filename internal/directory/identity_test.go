package directory

import "testing"

// Identities mean the same whoever came before.
func TestFederatedElsewhere(t *testing.T) {
	const one = `{"signInType":"userPrincipalName","issuer":"x.example","issuerAssignedId":`
	forms := map[string]bool{
		`[` + one + `"a@x.example"}]`:                  false,
		`[` + one + `"b@x.example"}]`:                  false,
		`[` + one + `""}]`:                             false,
		`[` + one + `null}]`:                           false,
		`[` + one + `"\"}]"}]`:                         false,
		`[` + one + `"c","issuer":"ExternalAzureAD"}]`: true,
		`[` + one + `"c"},{"signInType":"federated","issuerAssignedId":"d"}]`:                   true,
		`[{"signInType":"federated","issuer":"x.example","issuerAssignedId":"a"}]`:              true,
		`[{"signInType":"Federated","issuerAssignedId":"a"}]`:                                   true,
		`[{"issuer":"externalazuread","issuerAssignedId":"a"}]`:                                 true,
		`[{"issuerAssignedId":"a","signInType":"federated"}]`:                                   true,
		`[{"issuerAssignedId":"a"}]`:                                                            false,
		`[{"issuerAssignedId":"federated"}]`:                                                    false,
		`[{"signInType":"\"issuerAssignedId\":\"","issuerAssignedId":"a"}]`:                     false,
		`[{"nested":{"issuerAssignedId":"a"}}]`:                                                 false,
		`[{"nested":{"issuerAssignedId":"a"},"signInType":"federated"}]`:                        true,
		`[{"issuerAssignedId":"x"},{"signInType":"federated","issuerAssignedId":"x"}]`:          true,
		`[{"issuerAssignedId":"x"},{"issuerAssignedId":"x"}]`:                                   false,
		`[{"issuerAssignedId":"x","deep":[{"signInType":"federated","issuerAssignedId":"x"}]}]`: false,
		`[{"signInType":"federated","issuerAssignedId":null},` + one + `"a"}]`:                  true,
		`[{"signInType":"federated","issuerAssignedId":null},` + one + `"b"}]`:                  true,
		`[]`: false, `null`: false,
	}
	decode := func(d *Decoder, identities string) bool {
		u, _, _, err := d.User([]byte(`{"id":"a","identities":` + identities + `}`))
		if err != nil {
			t.Fatal(identities, err)
		}
		return u.FederatedElsewhere
	}
	for first := range forms {
		for second := range forms {
			d := NewDecoder(nil)
			decode(d, first)
			decode(d, second)
			for form, want := range forms {
				if got := decode(d, form); got != want {
					t.Errorf("%s after %s and %s: %t", form, first, second, got)
				}
			}
		}
	}
}
