import ArgumentParser
import CardData
import IssuerKeys
import Issuing
import Lifecycle

/// The two custodians who let keys leave, and the roster that they must stand in.
struct ExportOptions: ParsableArguments {
    @Option(help: "名册 The own roster of custodians.") var roster: String
    @OptionGroup var custodians: CustodianOptions

    /// Opens the custodians' keys and has them approve the export, which the key log says before this returns.
    func approve(_ export: KeyExport, of site: Site) throws -> [CustodianKey] {
        let keys = try custodians.keys()
        let roster = try CustodianRoster.read(roster)
        _ = try site.options.dataFolder()
        let log = try KeyRoom.log(of: site, startingIfEmpty: site.policy.mode != .production)
        let user = try KeyOperator(
            keys.first.map { String($0.custodian.number) } ?? "custodian", role: KeyRole.custodian.rawValue)
        try export.approve(by: keys, roster: roster, in: log, as: user)
        return keys
    }
}
