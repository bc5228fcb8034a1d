import Foundation
import ISO7816
import Personalization
import Testing
import VirtualCard

/// After a power cut the journal may have lost every line behind the last one it waited for; the card is finished all the same.
@Suite struct PowerCutTests {
    @Test func aFinishedCardIsRecognizedWhateverFollowedTheAnnouncedLock() throws {
        let factory = try CardFactory()
        let workshop = try factory.workshop()
        defer { workshop.close() }
        let card = try factory.blank()
        let channel = try VirtualCardChannel(card)
        let plan = try factory.plan()
        try workshop.begin(plan, on: channel, values: factory.person)
        let finished = card.image
        let path = try "\(workshop.folder)/\(workshop.identity(channel).text).journal"
        let whole = [UInt8](try Data(contentsOf: URL(filePath: path)))
        let lines = whole.prefix { $0 != 0 }.split(separator: UInt8(ascii: "\n"))
        let announced = try #require(lines.lastIndex { $0.starts(with: Array("S \(plan.stages.count - 1)".utf8)) })
        let first = try #require(lines[announced...].firstIndex { $0.first == UInt8(ascii: "!") })
        #expect(lines.count - first > 4, "lines are lost that were there")
        for last in first..<lines.count {
            let kept = lines[...last].flatMap { $0 + [UInt8(ascii: "\n")] }
            try Data(kept + [UInt8](repeating: 0, count: whole.count - kept.count)).write(to: URL(filePath: path))
            try workshop.resume(plan, on: VirtualCardChannel(card))
            #expect(card.image == finished, "after line \(last)")
        }
    }
}
