import CardApplication
import CardData
import CardLayout
import Foundation
import Lifecycle
import Personalization

/// Files that people write.
extension FuzzTarget {
    static let texts = [layout, profile, policy, people, rows]

    private static let yamlWords = [
        "extends: ", "files:", "elements:", "type: b-tlv", "inner:", "repeat: 255", "length: FFFF", "length: 0",
        "size: 7FFF",
        "read: pin & RKSSSE | (card)", "structure: cyclic", "records: 254", "parent: SSSE", "identifier: FFFF",
        "tag: FF", "&a",
        "*a", "- ", "? ", "|\n", "\"", "{", "}", "[", "]",
    ]

    /// A layout: what can be read is judged by the lint, compiled, and filled with nothing.
    private static let layout = FuzzTarget("layout", runs: 250, words: yamlWords) { bytes in
        guard let root = yaml(bytes), let layout = try? LayoutReader.read(root) else { return }
        let profile = try FuzzSite.shared().profile
        _ = LayoutLint(layout: layout, profile: profile, keyNames: [], codeTables: []).check()
        _ = CardImage.blank(of: layout)
        _ = try? PersonImageEncoder(layout: layout).encode(["name": "张三"])
        guard let compiled = try? CompiledCard(layout: layout, profile: profile) else { return }
        let order = ReadingOrder(compiled).stays.flatMap { stay in stay.files.map { stay.directory.name + $0.name } }
        try FuzzFinding.unless(
            Set(order).count == order.count && order.count == compiled.directories.reduce(0) { $0 + $1.files.count },
            "the reading order leaves out a file, or has one twice")
        _ = try? CardPlanner(compiled).plan(for: .blank(of: layout), pinLength: 3)
    }

    /// A COS profile, and the layout of a card compiled for it.
    private static let profile = FuzzTarget(
        "profile", furtherSeeds: ["CardLayouts/profiles/fmcos-ssse.yaml"], runs: 250, words: yamlWords
    ) { bytes in
        guard let root = yaml(bytes), let profile = try? COSProfileReader.read(root) else { return }
        _ = try? CompiledCard(layout: FuzzSite.shared().layout, profile: profile)
    }

    /// A site's policy.
    private static let policy = FuzzTarget(
        "policy", furtherSeeds: ["Sources/Lifecycle/Resources/policy.yaml"], runs: 500, words: yamlWords
    ) { bytes in
        guard let text = String(validating: bytes, as: UTF8.self) else { return }
        _ = try? LifecyclePolicy.parse(site: text, file: "policy.yaml")
    }

    /// A file of people, each row judged and laid out for the card.
    private static let people = FuzzTarget(
        "people", furtherSeeds: ["Fixtures/people-bad.csv"], runs: 300,
        words: [
            "\"", "\"\"", ",", "\r\n", "\r", "\u{FEFF}", "99999999", "00000000", "20000229", "·", "䶮", "=cmd|", "\t",
        ]
    ) { bytes in
        let site = try FuzzSite.shared()
        let columns = Applicant.columns.allowing(site.encoder.valueNames)
        guard let records = try? PersonFile.read(bytes: bytes, file: "people.csv", expectedColumns: columns) else {
            return
        }
        for record in records.prefix(20) {
            let applicant = try? Applicant(record, areas: site.areas, today: site.today, mode: .training)
            guard let applicant else { continue }
            try FuzzFinding.unless(
                (try? SocialSecurityNumber(applicant.socialSecurityNumber.text)) == applicant.socialSecurityNumber,
                "a number that was taken is not taken again")
            _ = try? site.encoder.encode(record.values)
        }
    }

    /// Rows of inner values in one line; what is read and written is read again as the same rows.
    private static let rows = FuzzTarget("rows", runs: 5_000, words: ["|", ";", "=", "\\", "\\\\", "kind=101"]) {
        bytes in
        guard let text = String(validating: bytes, as: UTF8.self), let rows = try? TemplateText.read(text) else {
            return
        }
        let written = TemplateText.write(rows)
        try FuzzFinding.unless(
            (try? TemplateText.read(written)) == rows,
            "\(text.debugDescription) came back as \(written.debugDescription)")
    }

    private static func yaml(_ bytes: [UInt8]) -> YAMLNode? {
        String(validating: bytes, as: UTF8.self).flatMap { try? DataFile.parse($0, file: "fuzz.yaml") }
    }
}
