package tfutil

import "testing"

func TestLowerGUIDs(t *testing.T) {
	for id, want := range map[string]string{
		"":                                     "",
		"5A0C7D1E-9B42-4C63-8F1D-3E2B6A7C8D90": "5a0c7d1e-9b42-4c63-8f1d-3e2b6a7c8d90",
		"Azure2Azure.3F1C2A605B1D4C7E9A527D0C9BE01A11.0D9F1B7E-33A1-4A35-9D0E-5A1C2F6E7B88": "Azure2Azure.3f1c2a605b1d4c7e9a527d0c9be01a11.0d9f1b7e-33a1-4a35-9d0e-5a1c2f6e7b88",
		"Atlassian Cloud": "Atlassian Cloud",
		"ABCDEF0123":      "ABCDEF0123",
	} {
		if got := LowerGUIDs(id); got != want {
			t.Errorf("%s: got %s, want %s", id, got, want)
		}
	}
}
