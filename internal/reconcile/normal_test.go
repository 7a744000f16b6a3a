package reconcile

import "testing"

func TestNormal(t *testing.T) {
	for address, want := range map[string]string{
		" Ann@Company.COM ": "ann@company.com", "a@b@c.example": "a@b@c.example", "@c.example": "", "ann": "", "ann@": "", "": "",
		"x@bücher.example": "x@xn--bcher-kva.example", "ann@not a domain": "",
	} {
		if got := Normal(address); got != want {
			t.Errorf("%q: got %q, want %q", address, got, want)
		}
	}
}
