import CardApplication
import CardData
import CardLayout
import Foundation
import Testing

@Suite struct ReadingOrderTests {
    /// Who it is (SSSE), then the insurances (DF03 社会保险一, DF04 医疗), by `readOrder` of the layout.
    @Test func whatTheLayoutNamesComesFirst() throws {
        let stays = try ReadingOrder(CardSite.card()).stays
        #expect(stays.prefix(4).map(\.directory.name) == ["SSSE", "DF03", "DF04", "DF01"])
        #expect(stays[0].files.map(\.name) == ["EF05", "EF06"])
    }

    /// Fingerprints have 300 hexadecimal bytes, the picture 1000: both need several commands.
    @Test func filesOfSeveralCommandsComeLast() throws {
        let stays = try ReadingOrder(CardSite.card()).stays
        let environment = try #require(stays.last { $0.directory.name == "SSSE" })
        #expect(environment.files.map(\.name) == ["EF07", "EF08"])
        let first = try #require(stays.firstIndex(of: environment))
        #expect(
            stays[first...].flatMap(\.files).allSatisfy { file in
                if case .transparent = file.file?.structure { true } else { false }
            })
    }

    @Test(arguments: ["[SSSE, SSSE]", "[DF09]", "SSSE"]) func onlyDirectoriesOfTheLayoutAreNamedAndOnce(
        order: String
    ) throws {
        let path = CardSite.home + "/CardLayouts/national-2.0.yaml"
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let changed = text.replacingOccurrences(
            of: "readOrder: [SSSE, DF03, DF04]", with: "readOrder: \(order)")
        #expect(changed != text)
        #expect(throws: Faults.self) { try LayoutReader.read(DataFile.parse(changed, file: "changed.yaml")) }
    }

    @Test func everyFileIsReadOnce() throws {
        let card = try CardSite.card()
        let order = ReadingOrder(card).stays.flatMap { stay in stay.files.map { "\(stay.directory.name)/\($0.name)" } }
        let layout = card.directories.flatMap { directory in directory.files.map { "\(directory.name)/\($0.name)" } }
        #expect(order.sorted() == layout.sorted())
    }
}
