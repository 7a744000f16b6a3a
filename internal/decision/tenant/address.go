package tenant

import (
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
)

// extMark stands in the principal name of a user whose home is another tenant
// [graph 1.6].
const extMark = "#EXT#"

// extAt finds the mark, in any case, or answers -1.
func extAt(upn string) int {
	for from := 0; ; {
		next := strings.IndexByte(upn[from:], extMark[0])
		if next < 0 || from+next+len(extMark) > len(upn) {
			return -1
		}
		from += next
		if strings.EqualFold(upn[from:from+len(extMark)], extMark) {
			return from
		}
		from++
	}
}

// HasExtName reports a principal name with #EXT#.
func HasExtName(upn string) bool { return extAt(upn) >= 0 }

// IsExternal reports a user whose home is elsewhere, in Entra's sense: the
// principal name has #EXT#, or an identity was issued elsewhere, or the user was
// invited. An internal account that was converted keeps its principal name
// ([graph 1.6], documented).
func IsExternal(u *directory.User) bool {
	return u.FederatedElsewhere || u.ExternalUserState != "" || HasExtName(u.UserPrincipalName)
}

// HomeOf gives the domain of a principal name's home: of an #EXT# name what
// stands behind the last underscore before the mark (aliases may contain
// underscores, DNS names don't; [graph 1.6]), else the domain of the name. In
// ASCII form; "" where there is none.
func HomeOf(upn string) string {
	if at := extAt(upn); at >= 0 {
		home := upn[:at]
		if us := strings.LastIndexByte(home, '_'); us >= 0 {
			return directory.ASCIIDomain(home[us+1:])
		}
		return ""
	}
	return DomainOf(upn)
}

// HomeDomain is the one place that derives a user's home domain [graph 1.6]: the
// #EXT# principal name; of another external user mail, then otherMails; of an
// internal user the principal name's domain. A guest's principal name isn't
// updated when the home's changes, so it can be stale.
func HomeDomain(u *directory.User) string {
	name := HomeOf(u.UserPrincipalName)
	if name != "" && (HasExtName(u.UserPrincipalName) || !IsExternal(u)) {
		return name
	}
	if d := DomainOf(u.Mail); d != "" {
		return d
	}
	for _, m := range u.OtherMails {
		if d := DomainOf(m); d != "" {
			return d
		}
	}
	return name
}

// HomeAddress turns alias_home.tld#EXT#@host into alias@home.tld; "" for another
// name.
func HomeAddress(upn string) string {
	at := extAt(upn)
	if at < 0 {
		return ""
	}
	us := strings.LastIndexByte(upn[:at], '_')
	if us <= 0 {
		return ""
	}
	return upn[:us] + "@" + upn[us+1:at]
}

// LocalPart is what stands before the @ of an address.
func LocalPart(address string) string {
	if at := strings.LastIndexByte(address, '@'); at >= 0 {
		return address[:at]
	}
	return address
}

// DomainOf gives the domain of an e-mail address in ASCII form, "" for what is
// no address.
func DomainOf(address string) string {
	at := strings.LastIndexByte(address, '@')
	if at <= 0 || strings.ContainsAny(address[:at], " \t\r\n") {
		return ""
	}
	return directory.ASCIIDomain(address[at+1:])
}

// publicMail are domains of public mail providers. Atlassian documents that
// such domains can't be verified, but lists none: the list is ours, of the
// large ones, so a domain that isn't here may be public all the same.
var publicMail = func() map[string]bool {
	m := map[string]bool{}
	for _, d := range strings.Fields(`
		gmail.com googlemail.com outlook.com hotmail.com live.com msn.com outlook.de outlook.fr hotmail.co.uk hotmail.fr
		hotmail.de yahoo.com yahoo.co.uk yahoo.de yahoo.fr yahoo.co.jp ymail.com rocketmail.com aol.com icloud.com
		me.com mac.com gmx.com gmx.net gmx.de gmx.at gmx.ch web.de t-online.de freenet.de mail.com mail.ru yandex.ru
		yandex.com bk.ru inbox.ru list.ru proton.me protonmail.com pm.me tutanota.com tuta.com fastmail.com zoho.com
		hey.com posteo.de mailbox.org qq.com 163.com 126.com sina.com foxmail.com naver.com daum.net hanmail.net
		rediffmail.com orange.fr free.fr laposte.net wanadoo.fr libero.it virgilio.it seznam.cz wp.pl o2.pl interia.pl
		comcast.net verizon.net att.net sbcglobal.net btinternet.com bluewin.ch telenet.be ziggo.nl xs4all.nl
		bigpond.com shaw.ca rogers.com`) {
		m[d] = true
	}
	return m
}()

// InitialSuffix ends the domains that Microsoft gives each tenant: their zone is
// Microsoft's, so nobody else can prove them ([atlassian 1.3], inferred).
const InitialSuffix = ".onmicrosoft.com"

// PublicMail reports a domain of a public mail provider, which nobody can
// verify in an organization.
func PublicMail(domain string) bool { return publicMail[domain] }
