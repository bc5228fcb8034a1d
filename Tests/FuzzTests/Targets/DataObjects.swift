import CardApplication
import CardCryptography
import CardLayout
import Foundation
import ISO7816
import IssuerKeys

/// What other card systems and programs say: templates, answers of security domains, dumps.
extension FuzzTarget {
    static let dataObjects = [
        FuzzTarget("data-object", runs: 20_000) { bytes in
            guard let objects = try? DataObject.read(bytes) else { return }
            try FuzzFinding.unless(objects.flatMap(\.bytes) == bytes, "data objects changed when they were read")
            try FuzzFinding.unless(
                objects.allSatisfy { $0.depth <= DataObject.deepest }, "data objects lie deeper than the reader goes")
            _ = objects.map(\.description)
        },
        // A parameter of SCP02, then the answer to INITIALIZE UPDATE.
        FuzzTarget("initialize-update", runs: 20_000) { bytes in
            guard let first = bytes.first,
                let answer = try? InitializeUpdateAnswer(bytes: Array(bytes.dropFirst()), scp02Parameter: first)
            else { return }
            let parts = answer.keyData + answer.cardChallenge + answer.cryptogram + answer.sequenceCounter
            // Between them stand the key version, the protocol, and with SCP03 its parameter.
            try FuzzFinding.unless(
                [2, 3].contains(bytes.count - 1 - parts.count), "\(parts.count) of \(bytes.count - 1) bytes were read")
        },
        FuzzTarget("dump", runs: 1_500, words: dumpWords) { bytes in
            guard let file = try? CardDumpFile(json: bytes, file: "dump.json") else { return }
            let layout = try FuzzSite.shared().layout
            let inventory = file.inventory(by: layout)
            _ = CardComparison(inventory, inventory, layout: layout).isSame
            _ = file.layoutName(among: [layout])
            guard case .bytes(let dump) = file.form else { return }
            _ = dump.content(by: layout).values
            let encoder = JSONEncoder()
            let again = try CardDumpFile(json: [UInt8](encoder.encode(dump)), file: "again.json")
            try FuzzFinding.unless(again == file, "a dump that was written is read as another one")
        },
    ]

    private static let dumpWords = [
        "\"format\": \"sscard-card-hex-dump-1\"", "\"records\": [\"0102\"]", "\"bytes\": \"\"", "\"state\": \"absent\"",
        "\"refusal\": \"6982\"", "{", "}", "[", "]", "null", "1e999", "\"\\ud800\"",
    ]
}

extension DataObject {
    fileprivate var depth: Int {
        if case .objects(let objects) = value { 1 + (objects.map(\.depth).max() ?? 0) } else { 1 }
    }
}
