import CardData
import Foundation
import ISO7816
import Personalization
import Registry
import Testing
import VirtualCard

@testable import Issuing

/// The folder of issues: a damaged file stops nobody but whom it may concern, and what has ended is put away.
@Suite struct IssueFolderTests {
    private let walk: IssueWalk

    init() throws { walk = try IssueWalk() }

    private func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

    private func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

    private func write(_ text: String, to path: String) throws { try Data(text.utf8).write(to: URL(filePath: path)) }

    /// Another invented child; check character by GB 11643, computed with Python.
    private var sister: PersonRecord {
        walk.counter.row(["citizenNumber": "990165202301016849", "birthDate": "20230101", "sex": "2", "name": "小红"])
    }

    @Test func aChangedFileIsNoProgress() throws {
        let issue = try walk.begin()
        try walk.advance(issue, through: .photo)
        let path = walk.path(of: issue)
        try write(text(path).replacing("done: photo", with: "done: enable"), to: path)
        #expect(throws: IssueFlowError.file(path, reason: "damaged")) { try walk.desk().progress(issue) }
        #expect(throws: IssueFlowError.unknown("../secrets")) { try walk.desk().progress("../secrets") }
    }

    /// Altered, cut off at any line, emptied, or filled with nonsense.
    @Test(arguments: ["altered", "cut off", "empty", "nonsense", "of another name"])
    func aDamagedFileStopsNobodyElse(how: String) throws {
        let damaged = try walk.begin()
        try walk.advance(damaged, through: .checkDuplicates)
        let path = walk.path(of: damaged)
        let good = try text(path)
        switch how {
        case "altered": try write(good.replacing("officer: 1002", with: "officer: 1003"), to: path)
        case "cut off": try write(String(good.prefix(good.utf8.count / 2)), to: path)
        case "empty": try write("", to: path)
        case "nonsense": try Data([0xFF, 0x00, 0xFE, 0x0A, 0x80]).write(to: URL(filePath: path))
        default: try write(good.replacing("issue: \(damaged)", with: "issue: 0000000000000000"), to: path)
        }
        let open = try walk.desk().unfinished()
        #expect(open.issues.isEmpty)
        #expect(open.damaged.map(\.identifier) == [damaged])
        #expect(open.faults.map(\.code) == ["issue.damaged"])
        #expect(throws: IssueFlowError.file(path, reason: "damaged")) { try walk.desk().progress(damaged) }
        let other = try walk.begin()
        let blank = try walk.counter.blank(2)
        #expect(try walk.advance(other, through: .slip, sister, blank).end == .finished)
        #expect(exists(path), "it is left where it lies")
    }

    @Test func theChipAndThePersonThatADamagedFileMayConcernWaitUntilItIsPutAside() throws {
        let damaged = try walk.begin()
        try walk.advance(damaged, through: .checkDuplicates)
        let path = walk.path(of: damaged)
        try write(text(path).replacing("officer: 1002", with: "officer: 1003"), to: path)
        let again = try walk.begin()
        #expect(throws: IssueFlowError.damagedConcerns(damaged)) { try walk.advance(again, through: .checkBlank) }
        let blank = try walk.counter.blank(2)
        try walk.advance(again, through: .findPerson, nil, blank)
        #expect(throws: IssueFlowError.damagedConcerns(damaged)) {
            try walk.advance(again, through: .checkDuplicates, nil, blank)
        }
        #expect(try walk.desk().putAside(damaged).identifier == damaged)
        #expect(exists(walk.folder + "/damaged/\(damaged).issue") && !exists(path))
        #expect(try walk.desk().unfinished().damaged.isEmpty)
        #expect(throws: IssueFlowError.unknown(damaged)) { try walk.desk().putAside(damaged) }
        #expect(try walk.advance(again, through: .slip, nil, blank).end == .finished)
    }

    @Test func aFileThatIsWholeIsNotPutAside() throws {
        let issue = try walk.begin()
        #expect(throws: IssueFlowError.notDamaged(issue)) { try walk.desk().putAside(issue) }
        #expect(exists(walk.path(of: issue)))
    }

    @Test func whatHasEndedIsPutAwayAndStillFoundByItsNumber() throws {
        let finished = try walk.begin()
        let ended = try walk.advance(finished, through: .slip)
        let abandoned = try walk.begin()
        _ = try walk.desk().abandon(abandoned, handledBy: IssueWalk.handling)
        for issue in [finished, abandoned] {
            #expect(!exists(walk.path(of: issue)) && exists(walk.path(ofEnded: issue)))
        }
        #expect(try walk.desk().progress(finished) == ended)
        let events = try walk.counter.registry.statistics().events
        // The same step again changes nothing, and one that has ended is not given up.
        let again = try walk.desk().perform(
            .slip, of: finished, with: walk.input(nil), through: VirtualCardChannel(walk.card))
        #expect(again == ended)
        #expect(throws: IssueFlowError.ended(.finished)) {
            try walk.desk().abandon(finished, handledBy: IssueWalk.handling)
        }
        #expect(try walk.counter.registry.statistics().events == events)
        #expect(throws: IssueFlowError.notDamaged(finished)) { try walk.desk().putAside(finished) }
    }

    /// The program was killed between the note of the end and its being put away, or is of a time when nothing was put away.
    @Test func anEndedFileThatLiesAmongTheOpenOnesIsPutAwayByTheNextLook() throws {
        let issue = try walk.begin()
        let ended = try walk.advance(issue, through: .slip)
        try FileManager.default.moveItem(atPath: walk.path(ofEnded: issue), toPath: walk.path(of: issue))
        try FileManager.default.removeItem(atPath: walk.folder + "/ended")
        #expect(try walk.desk().progress(issue) == ended)
        #expect(try IssueListing.unfinished(in: walk.folder).issues.isEmpty)
        #expect(exists(walk.path(of: issue)), "whoever only looks moves nothing")
        #expect(try walk.desk().unfinished().issues.isEmpty)
        #expect(!exists(walk.path(of: issue)) && exists(walk.path(ofEnded: issue)))
        #expect(try walk.desk().progress(issue) == ended)
    }

    @Test func withoutAFolderThereIsNothing() throws {
        let listing = try IssueListing.unfinished(in: walk.counter.folder + "/nowhere")
        #expect(listing.issues.isEmpty && listing.damaged.isEmpty)
    }
}
