package repository

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// licenses are those whose code a program under MPL-2.0 may hold and pass on,
// by a phrase that no other license has.
var licenses = []struct{ name, phrase string }{
	{"MPL-2.0", "mozilla public license version 2.0"},
	{"MPL-2.0", "mozilla public license, version 2.0"},
	{"Apache-2.0", "apache license version 2.0, january 2004"},
	{"MIT", "permission is hereby granted, free of charge, to any person obtaining a copy of this software and " +
		"associated documentation files"},
	{"BSD", "redistribution and use in source and binary forms, with or without modification, are permitted provided " +
		"that the following conditions are met"},
	{"ISC", "permission to use, copy, modify, and/or distribute this software for any purpose with or without fee is " +
		"hereby granted"},
	{"ISC", "permission to use, copy, modify, and distribute this software for any purpose with or without fee is " +
		"hereby granted"},
	{"Unlicense", "this is free and unencumbered software released into the public domain"},
}

// refused are phrases of licenses that don't let it. MPL-2.0 itself names the
// first three, with a comma before their version.
var refused = []string{
	"gnu general public license version",
	"gnu affero general public license version",
	"gnu lesser general public license version",
	"business source license",
	"server side public license",
	"elastic license",
	"commons clause",
	"all rights reserved. proprietary",
	"for non-commercial use",
	"noncommercial purpose",
}

var punctuation = regexp.MustCompile(`[\s*#"'“”_-]+`)

// licenseOf names the licenses of a text; it fails for one that isn't allowed.
func licenseOf(text string) (names []string, err error) {
	plain := punctuation.ReplaceAllString(strings.ToLower(text), " ")
	for _, bad := range refused {
		if strings.Contains(plain, punctuation.ReplaceAllString(bad, " ")) {
			return nil, errors.New("it says " + bad)
		}
	}
	for _, l := range licenses {
		if strings.Contains(plain, punctuation.ReplaceAllString(l.phrase, " ")) && !slices.Contains(names, l.name) {
			names = append(names, l.name)
		}
	}
	if len(names) == 0 {
		return nil, errors.New("it is none of the licenses that are allowed")
	}
	return names, nil
}

// modules are those whose packages the provider, its tests and its tools for
// development are built from, with their folders.
func modules(t *testing.T) map[string]string {
	t.Helper()
	type ofModule struct {
		Module *struct {
			Path, Dir string
			Main      bool
		}
	}
	all := map[string]string{}
	for _, p := range listPackages[ofModule](t, "-deps", "-test", "-json=Module") {
		if p.Module != nil && !p.Module.Main {
			all[p.Module.Path] = p.Module.Dir
		}
	}
	return all
}

// Every dependency has a license that lets it be passed on with code under
// MPL-2.0.
func TestLicenses(t *testing.T) {
	all := modules(t)
	if len(all) < 10 {
		t.Fatalf("only %d dependencies were found", len(all))
	}
	for path, dir := range all {
		files, err := filepath.Glob(filepath.Join(dir, "[LlCcUu][IiOoNn][CcPpLl]*"))
		if err != nil {
			t.Fatal(err)
		}
		checked := 0
		for _, file := range files {
			name := strings.ToLower(filepath.Base(file))
			if info, err := os.Stat(
				file,
			); err != nil || info.IsDir() ||
				!(strings.HasPrefix(name, "licen") || strings.HasPrefix(name, "copying") || strings.HasPrefix(name, "unlicense")) {
				continue
			}
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			checked++
			if names, err := licenseOf(string(raw)); err != nil {
				t.Errorf("%s, %s: %v. Whether it may be used has to be looked into", path, filepath.Base(file), err)
			} else {
				t.Logf("%s: %s", path, strings.Join(names, ", "))
			}
		}
		if checked == 0 {
			t.Errorf("%s has no license", path)
		}
	}
}

func TestLicenseTexts(t *testing.T) {
	for text, want := range map[string]string{
		"Mozilla Public License Version 2.0\n==================================\n":                                                                        "MPL-2.0",
		"                                 Apache License\n                           Version 2.0, January 2004\n":                                         "Apache-2.0",
		"Redistribution and use in source and binary forms, with or\nwithout modification, are permitted provided that the following conditions are met:": "BSD",
		"GNU GENERAL PUBLIC LICENSE\n                       Version 3, 29 June 2007\n":                                                                    "",
		"Business Source License 1.1\n": "",
		"Apache License Version 2.0, January 2004 … “Commons Clause” License Condition v1.0": "",
		"Copyright somebody. All rights reserved.":                                           "",
	} {
		names, err := licenseOf(text)
		if got := strings.Join(names, ","); got != want || (err == nil) == (want == "") {
			t.Errorf("%q is %q, %v, want %q", text, got, err, want)
		}
	}
}
