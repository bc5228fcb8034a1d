import ArgumentParser
import CardData
import IssuerKeys
import Issuing

/// What two officers signed for a service of the PIN.
struct ApprovalOptions: ParsableArguments {
    @Option(help: "审批文件 What two officers signed for this card, service and ticket (sscard card pin approval).")
    var approval: String?

    /// The signed request, checked against the officers of this place; nil where no file is named.
    func approved(_ site: SiteOptions) throws -> ApprovedRequest? {
        guard let approval else { return nil }
        return try PINCommand.Approval.read(approval).approved(
            by: Self.officers(site), at: KeyRoom.clock())
    }

    /// Who may approve here: `officers.yaml` beside the keys.
    static func officers(_ site: SiteOptions) throws -> ApprovingOfficers {
        try ApprovingOfficers.read(site.keyPapersFolder() + "/officers.yaml")
    }
}

extension OfficerOptions {
    /// The same officers with the other one of the two who signed as second person: nobody else can be.
    ///
    /// Throws `pin-approval.second` where somebody else was named.
    func confirmed(by approved: ApprovedRequest?) throws(Faults) -> OfficerOptions {
        guard let approved else { return self }
        if let second { try approved.check(second: second) }
        var officers = self
        officers.second = second ?? approved.officers.compactMap { UInt64($0) }.first { $0 != number }
        return officers
    }
}
