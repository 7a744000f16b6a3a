// Command sdkbaseline reads users, groups and members of a tenant as the SDK's
// own samples do: its page iterator over its typed models, one collection after
// another. "make bench" measures our reading beside it. It has a module of its
// own, since the provider doesn't have the models of users and groups.
package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	abstractions "github.com/microsoft/kiota-abstractions-go"
	"github.com/microsoft/kiota-abstractions-go/serialization"
	azureauth "github.com/microsoft/kiota-authentication-azure-go"
	jsonserialization "github.com/microsoft/kiota-serialization-json-go"
	graphcore "github.com/microsoftgraph/msgraph-sdk-go-core"
	"github.com/microsoftgraph/msgraph-sdk-go/models"
)

func main() {
	base := flag.String("url", "", "the simulator's address")
	tenant := flag.String("tenant", "", "the tenant's id")
	client := flag.String("client", "", "the application's id")
	properties := flag.String("select", "id,userPrincipalName", "the properties of users")
	ca := flag.String("ca", "", "the simulator's certificate authority")
	flag.Parse()
	if err := run(context.Background(), *base, *tenant, *client, *properties, *ca); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// result is what is measured, as the benchmark's own processes say it.
type result struct {
	Seconds                []float64
	Users, Groups, Members int
	Peak                   int
}

func run(ctx context.Context, base, tenant, client, properties, ca string) error {
	r, err := newReader(base, tenant, client, ca)
	if err != nil {
		return err
	}
	start := time.Now()
	out := result{}
	err = each(
		ctx,
		r,
		base+"/v1.0/users?$top=999&$select="+url.QueryEscape(properties),
		models.CreateUserCollectionResponseFromDiscriminatorValue,
		func(models.Userable) bool {
			out.Users++
			return true
		},
	)
	if err != nil {
		return fmt.Errorf("users: %w", err)
	}
	var groups []string
	err = each(
		ctx,
		r,
		base+"/v1.0/groups?$top=999&$select=id,displayName",
		models.CreateGroupCollectionResponseFromDiscriminatorValue,
		func(g models.Groupable) bool {
			groups = append(groups, *g.GetId())
			return true
		},
	)
	if err != nil {
		return fmt.Errorf("groups: %w", err)
	}
	for _, id := range groups {
		err := each(
			ctx,
			r,
			base+"/v1.0/groups/"+id+"/members?$top=999&$select=id",
			models.CreateDirectoryObjectCollectionResponseFromDiscriminatorValue,
			func(models.DirectoryObjectable) bool {
				out.Members++
				return true
			},
		)
		if err != nil {
			return fmt.Errorf("members of %s: %w", id, err)
		}
	}
	out.Groups, out.Seconds, out.Peak = len(groups), []float64{time.Since(start).Seconds()}, peak()
	return json.NewEncoder(os.Stdout).Encode(out)
}

// peak is the largest resident size so far, in bytes; Linux's.
func peak() int {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	kib := 0
	if _, err := fmt.Sscan(rest, &kib); err != nil {
		return 0
	}
	return kib << 10
}

// each follows a collection with the SDK's page iterator.
func each[T any](
	ctx context.Context,
	r *graphcore.GraphRequestAdapterBase,
	address string,
	page serialization.ParsableFactory,
	take func(T) bool,
) error {
	u, err := url.Parse(address)
	if err != nil {
		return err
	}
	info := abstractions.NewRequestInformation()
	info.Method = abstractions.GET
	info.SetUri(*u)
	first, err := r.Send(ctx, info, page, nil)
	if err != nil {
		return err
	}
	iterator, err := graphcore.NewPageIterator[T](first, r, page)
	if err != nil {
		return err
	}
	return iterator.Iterate(ctx, take)
}

func newReader(base, tenant, client, ca string) (*graphcore.GraphRequestAdapterBase, error) {
	pem, err := os.ReadFile(ca)
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		return nil, errors.New("no certificate in " + ca)
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: true}
	web := graphcore.GetDefaultClient(&graphcore.GraphClientOptions{GraphServiceVersion: "v1.0"})
	web.Transport = transport // without its middleware: compression and retries cost it nothing here
	cred, err := azidentity.NewClientSecretCredential(
		tenant,
		client,
		os.Getenv("BASELINE_SECRET"),
		&azidentity.ClientSecretCredentialOptions{
			ClientOptions: azcore.ClientOptions{
				Cloud:     cloud.Configuration{ActiveDirectoryAuthorityHost: base},
				Transport: web,
			},
			DisableInstanceDiscovery: true,
		},
	)
	if err != nil {
		return nil, err
	}
	host, err := url.Parse(base)
	if err != nil {
		return nil, err
	}
	auth, err := azureauth.NewAzureIdentityAuthenticationProviderWithScopesAndValidHosts(
		cred,
		[]string{strings.TrimSuffix(base, "/") + "/.default"},
		[]string{host.Hostname()},
	)
	if err != nil {
		return nil, err
	}
	return graphcore.NewGraphRequestAdapterBaseWithParseNodeFactoryAndSerializationWriterFactoryAndHttpClient(
		auth,
		graphcore.GraphClientOptions{GraphServiceVersion: "v1.0"},
		jsonserialization.NewJsonParseNodeFactory(),
		nil,
		web,
	)
}
