import CardApplication
import CardCryptography
import CardData
import Foundation
import ISO7816
import Lifecycle
import Personalization
import Registry
import Testing
import VirtualCard

@testable import Issuing

/// Steps that were done, or may have been, and whose note is not on the disk.
extension InstantIssueTests {
    /// A crash right after the commit and before the note of it: the act is found in the log, and not done twice.
    @Test(arguments: [IssueStep.personalize, .handOver, .enable])
    func anActWhoseNoteWasLostIsNotDoneTwice(step: IssueStep) throws {
        let issue = try begin()
        let all = IssueStep.allCases
        let before = all[try #require(all.firstIndex(of: step)) - 1]
        try advance(issue, through: before)
        let file = URL(filePath: counter.folder + "/issue/\(issue).issue")
        var noted = try desk().progress(issue)
        let after = try advance(issue, through: step)
        if step == .personalize {
            noted.sealedPIN = after.sealedPIN
            noted.card = after.card
        }
        try IssueFile(folder: counter.folder + "/issue").write(noted)
        let events = try counter.registry.statistics().events
        let again = try advance(issue, through: step)
        #expect(again.done == step)
        #expect(try counter.registry.statistics().events == events)
        #expect(try advance(issue, through: .slip).end == .finished)
        #expect(!FileManager.default.fileExists(atPath: file.path))
        #expect(FileManager.default.fileExists(atPath: counter.folder + "/issue/ended/\(issue).issue"))
    }

    /// The log says that a PIN was served, and not in which applications, nor which digits.
    @Test func aServiceOfThePINWhoseNoteWasLostIsNotTakenForDone() throws {
        let issue = try begin()
        try advance(issue, through: .readBack)
        var noted = try desk().progress(issue)
        noted.pinIsBeingSet = true
        try advance(issue, through: .setPIN)
        try IssueFile(folder: counter.folder + "/issue").write(noted)
        #expect(throws: IssueFlowError.pinUnknown) {
            try desk().perform(.setPIN, of: issue, with: input(nil), through: VirtualCardChannel(card))
        }
        let reset = try input(nil, pin: "861953", ticket: "T-18")
        _ = try desk().perform(.setPIN, of: issue, with: reset, through: VirtualCardChannel(card))
        #expect(try advance(issue, through: .slip).end == .finished)
    }

    @Test func aPINThatMayOrMayNotBeSetIsResetByTwoAndNeverTriedBlindly() throws {
        let issue = try begin()
        try advance(issue, through: .readBack)
        var noted = try desk().progress(issue)
        noted.pinIsBeingSet = true
        try IssueFile(folder: counter.folder + "/issue").write(noted)
        #expect(throws: IssueFlowError.pinUnknown) {
            try desk().perform(.setPIN, of: issue, with: input(nil), through: VirtualCardChannel(card))
        }
        _ = try desk().perform(
            .setPIN, of: issue, with: input(nil, ticket: "T-17"), through: VirtualCardChannel(card))
        #expect(try advance(issue, through: .slip).end == .finished)
    }
}
