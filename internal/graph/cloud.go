package graph

import (
	"fmt"
	"strings"
)

// Cloud is one of Microsoft's clouds [graph 6].
type Cloud struct {
	Name    string
	Aliases []string
	Graph   string
	Login   string
}

// Clouds are the clouds by the names that azuread gives them, and its aliases.
var Clouds = []Cloud{
	{
		Name:    "global",
		Aliases: []string{"public"},
		Graph:   "https://graph.microsoft.com",
		Login:   "https://login.microsoftonline.com",
	},
	{
		Name:    "usgovernment",
		Aliases: []string{"usgovernmentl4"},
		Graph:   "https://graph.microsoft.us",
		Login:   "https://login.microsoftonline.us",
	},
	{
		Name:    "usgovernmentdod",
		Aliases: []string{"usgovernmentl5", "dod"},
		Graph:   "https://dod-graph.microsoft.us",
		Login:   "https://login.microsoftonline.us",
	},
	{
		Name:  "china",
		Graph: "https://microsoftgraph.chinacloudapi.cn",
		Login: "https://login.chinacloudapi.cn",
	},
}

// CloudNames are all names and aliases of clouds.
func CloudNames() []string {
	var names []string
	for _, c := range Clouds {
		names = append(append(names, c.Name), c.Aliases...)
	}
	return names
}

func cloudOf(name string) (Cloud, error) {
	if name == "" {
		return Clouds[0], nil
	}
	for _, c := range Clouds {
		for _, n := range append([]string{c.Name}, c.Aliases...) {
			if strings.EqualFold(n, name) {
				return c, nil
			}
		}
	}
	return Cloud{}, &ConfigError{"environment",
		fmt.Sprintf("%q is none of: %s", name, strings.Join(CloudNames(), ", "))}
}
