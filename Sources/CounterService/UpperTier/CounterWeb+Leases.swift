import CardData
import Hummingbird
import Issuing
import Lifecycle
import Registry

/// 离线制卡额度 at the window: what is open, and one screen each to grant a lease and to end one.
extension CounterWeb {
    func addLeases(to router: Router<CounterContext>) {
        page(router, "/leases") { visitor in
            try visitor.demandOffice()
            return show(
                "leases", visitor, title: pages.words.text("leases", visitor.language), try await leasesView(visitor))
        }
        page(router, "/leases/grant") { visitor in leasePage(nil, visitor) }
        form(router, "/leases/grant") { visitor in
            try await leaseForm(nil, visitor) { () throws(Faults) in .leaseGranted(try lease(visitor.fields)) }
        }
        page(router, "/leases/:lease/return") { visitor in leasePage(try await openLease(visitor), visitor) }
        form(router, "/leases/:lease/return") { visitor in
            let open = try await openLease(visitor)
            return try await leaseForm(open, visitor) { () throws(Faults) in
                .leaseReturned(try leaseName(visitor))
            }
        }
    }

    /// The lease that a form asks for, on the policy's terms.
    ///
    /// - Throws: `counter.lease-numbers` for a number that is none, and as `TierDesk.lease`.
    func lease(_ fields: Fields) throws(Faults) -> Lease {
        guard let counter = UInt64(fields["counter"]), let first = Int(fields["first"]), let last = Int(fields["last"])
        else { throw Faults("counter.lease-numbers") }
        return try TierDesk(registry: desk.registry).lease(for: counter, first: first, last: last)
    }

    /// The event that granted the lease of the address.
    func leaseName(_ visitor: Visitor) throws(Faults) -> EventIdentifier {
        guard let name = EventIdentifier(word: visitor.parameter("lease")) else { throw Faults("counter.not-found") }
        return name
    }

    /// The open lease of the address; nil where it has been returned, which the rules tell of.
    private func openLease(_ visitor: Visitor) async throws -> LeaseReport {
        let name = try leaseName(visitor)
        let open = try await desk.registry { try TierDesk(registry: $0).leases() }
        guard let found = open.first(where: { $0.lease == name.description }) else {
            throw RegistryError.leaseUnknown(name)
        }
        return found
    }

    /// Does what a form asks for, now or when the second person has confirmed it.
    private func leaseForm(
        _ open: LeaseReport?, _ visitor: Visitor, _ act: @Sendable @escaping () throws(Faults) -> Act
    ) async throws -> Response {
        do {
            if isToWait(visitor) {
                return goOn(
                    to: try await onceLeading(visitor) {
                        try await putToWait(try act(), on: nil, visitor, expecting: nil)
                    })
            }
            let event = try await once(visitor) {
                try await desk.record(try act(), on: nil, by: visitor.person, visitor.fields)
            }
            return goOn(to: "/events/\(event.sequence)")
        } catch let error as any FaultReporting {
            return leasePage(open, visitor, error.faults)
        }
    }

    // MARK: - Pages

    private func isOfTier(_ visitor: Visitor, _ row: TransitionRow) -> Bool {
        visitor.person.role(among: row.officers, under: desk.policy).map(row.officers.contains) ?? false
    }

    private func leasesView(_ visitor: Visitor) async throws -> View {
        let open = try await desk.registry { try TierDesk(registry: $0).leases() }
        return [
            "mayGrant": isOfTier(visitor, TransitionTable.row(.grantLease)),
            "leases": open.map { lease in
                var view = leaseView(lease)
                view["mayReturn"] = isOfTier(visitor, TransitionTable.row(.returnLease))
                return view
            },
            "hasLeases": !open.isEmpty,
            // 可能重号的最多张数: what is left of all leases at once.
            "most": String(open.reduce(0) { $0 + $1.cards }),
        ]
    }

    private func leaseView(_ lease: LeaseReport) -> View {
        [
            "lease": lease.lease, "path": "/leases/\(lease.lease.replacing("/", with: "-"))/return",
            "counter": String(lease.counter), "area": lease.area, "numbers": lease.numbers,
            "cards": String(lease.cards), "cardsPerDay": String(lease.cardsPerDay),
            "hours": String(lease.registerHours),
        ]
    }

    /// - Parameter open: the lease that is to end; nil where one is granted.
    private func leasePage(_ open: LeaseReport?, _ visitor: Visitor, _ faults: [Fault] = []) -> Response {
        let transition: Transition = open == nil ? .grantLease : .returnLease
        let row = TransitionTable.row(transition)
        let name = pages.words.text(open == nil ? "leaseGrant" : "leaseReturn", visitor.language)
        var all = faults
        if all.isEmpty, !isOfTier(visitor, row) { all = [Fault("counter.no-role")] }
        let terms = desk.policy.lease
        var view: View = [
            "actName": name, "isPossible": isOfTier(visitor, row), "isGrant": open == nil,
            "counter": visitor.fields["counter"], "first": visitor.fields["first"], "last": visitor.fields["last"],
            "cards": String(terms.cards), "cardsPerDay": String(terms.cardsPerDay),
            "hours": String(terms.registerHours),
        ]
        if let open { view["open"] = leaseView(open) }
        view["second"] = secondView([row], desk.policy.wantsTwo(transition), visitor)
        return show("lease", visitor, title: name, faults: all, view)
    }
}
