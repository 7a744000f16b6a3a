// Package decisiontest holds what the engine and its halves are expected to do, as
// tests by subject. Each of these packages runs them: none of them means anything
// without the others.
package decisiontest

import (
	"maps"
	"slices"
	"testing"
)

// subjects are the tests by what they are of.
var subjects = map[string]func(t *testing.T){
	"Fixes":                     fixes,
	"FixCost":                   fixCost,
	"FixVerifyingClaims":        fixVerifyingClaims,
	"FixDisturbsDynamicGroup":   fixDisturbsDynamicGroup,
	"OfferedFixesFlip":          offeredFixesFlip,
	"Trace":                     trace,
	"HomeOf":                    homeOf,
	"SCIMTable":                 scimTable,
	"SCIMMappings":              scimMappings,
	"SCIMPlannedMapping":        scimPlannedMapping,
	"SCIMGroupsAndFixes":        scimGroupsAndFixes,
	"SCIMServicePrincipal":      scimServicePrincipal,
	"OtherConnectorIsAFix":      otherConnectorIsAFix,
	"SCIMRefusesANarrowReading": scimRefusesANarrowReading,
	"SCIMFilterThatFails":       scimFilterThatFails,
	"SCIMOutOfSteps":            scimOutOfSteps,
	"SCIMAppRoles":              scimAppRoles,
	"SCIMManagers":              scimManagers,
	"Everyone":                  everyone,
	"GroupNameConflict":         groupNameConflict,
	"WhatIfMembers":             whatIfMembers,
	"DynamicGroupWarning":       dynamicGroupWarning,
	"ResolveErrors":             resolveErrors,
	"GroupTooLarge":             groupTooLarge,
	"DecisionTable":             decisionTable,
	"DecisionTableChanges":      decisionTableChanges,
	"ConnectorRules":            connectorRules,
	"DuplicateAddress":          duplicateAddress,
	"TargetSCIM":                targetSCIM,
	"TargetTransitions":         targetTransitions,
	"TargetFlowTypes":           targetFlowTypes,
	"TargetGroups":              targetGroups,
	"FirstOfAll":                firstOfAll,
	"FactsHash":                 factsHash,
	"Ids":                       ids,
	"Meanings":                  meanings,
	"AddressParts":              addressParts,
	"SpecialCharacters":         specialCharacters,
	"GroupNamesBefore":          groupNamesBefore,
	"MatchByHistory":            matchByHistory,
	"DisabledSharing":           disabledSharing,
	"Budget":                    budget,
	"InactiveByHistory":         inactiveByHistory,
	"OwnDomain":                 ownDomain,
	"Spaces":                    spaces,
	"FailingRows":               failingRows,
	"ChildOfCycle":              childOfCycle,
	"SwitchNotes":               switchNotes,
	"AtTheLimit":                atTheLimit,
	"Unpredictable":             unpredictable,
	"TwoSources":                twoSources,
	"SecondMatch":               secondMatch,
	"EmptyWhatIf":               emptyWhatIf,
	"SourceByMail":              sourceByMail,
	"Requests":                  requests,
	"RequestMeanings":           requestMeanings,
	"OtherConnector":            otherConnector,
	"Advice":                    advice,
	"GroupMeanings":             groupMeanings,
	"SeveralMeanings":           severalMeanings,
	"AssumedLine":               assumedLine,
	"FreedGroups":               freedGroups,
	"SourceTenants":             sourceTenants,
	"Transitions":               transitions,
	"Golden":                    goldenTenants,
	"Health":                    health,
	"UserIdentifier":            userIdentifier,
	"Converted":                 converted,
}

// Run runs them all.
func Run(t *testing.T) {
	t.Helper()
	for _, name := range slices.Sorted(maps.Keys(subjects)) {
		t.Run(name, subjects[name])
	}
}
