import CardData
import Foundation

/// Which field of a form a fault is about (`Pages/fields.yaml`), so that a page can lead to it and mark it.
struct FaultFields: Sendable {
    private let table: [String: [String]]

    /// The table that comes with the pages; throws every fault of the file.
    static func bundled() throws(Faults) -> FaultFields {
        var faults = FaultCollector()
        var table: [String: [String]] = [:]
        for entry in try DataFile.read(try PageFiles.folder + "/fields.yaml").mapping {
            table[entry.key] = faults.attempt { () throws(Faults) in
                try entry.value.list.map { member throws(Faults) in try member.string }
            }
        }
        try faults.check()
        return FaultFields(table: table)
    }

    /// The codes and subjects of codes that the table knows.
    var known: [String] { table.keys.sorted() }

    /// The names of the fields that a fault may be about, the likeliest first: the one that it names itself, else what the table has for
    /// its code, else for its subject.
    func names(of fault: Fault) -> [String] {
        let code = fault.code.rawValue
        if code == "lifecycle.proof-missing" {
            // A card is not ticked: it is put into a reader.
            let proofs = (fault.parameters["proofs"] ?? "").components(separatedBy: " / ")
            return proofs.map { $0 == "card-read" ? "reader" : "proof-\($0)" }
        }
        let own = fault.parameters["column"] ?? fault.parameters["field"]
        let subject = String(code.prefix { $0 != "." })
        return (own.map { [$0, "serials-\($0)"] } ?? []) + (table[code] ?? table[subject] ?? [])
    }
}
