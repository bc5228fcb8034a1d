import ByteText
import CardCryptography
public import CardData

/// The wish to destroy a sealed key store (销毁): it waits, names what depends on the keys, and needs two persons.
///
/// The first person's approval binds the exact file, the reason and the dependants as they were seen. It begins to hold when the
/// waiting period is over, and holds for a week; until the second person acts, anyone of the roster can call it off.
public struct KeyDestruction: Sendable {
    /// The file in the store's directory that tells of a destruction.
    public static let fileName = "destruction.json"
    /// Days that pass at least between wish and deed.
    public static let shortestWait: UInt64 = 3
    /// Days that may pass at most.
    public static let longestWait: UInt64 = 180
    static let operation = "key-destruction"
    private static let second: UInt64 = 1000

    /// The request and its approvals as they go from person to person.
    public private(set) var document: ApprovalDocument

    /// The request's own text of what shall go.
    public var details: [String: String] { document.details }
    /// When the waiting period is over.
    public var due: RecordTime { RecordTime(seconds: document.issued / Self.second) }
    /// When the approval is void.
    public var expires: RecordTime { RecordTime(seconds: document.expires / Self.second) }

    /// What becomes unusable with a store: other stores whose keys came down from its keys, and cards.
    public struct Dependants: Hashable, Sendable {
        /// Names, levels and areas of stores below it.
        public let stores: [String]
        /// Cards in use in the registry, where one was asked.
        public let cards: Int?

        /// What was found.
        public init(stores: [String], cards: Int?) {
            self.stores = stores
            self.cards = cards
        }
    }

    /// The first person's wish.
    ///
    /// Throws `destruction.wait`, `destruction.reason`, and what the approval throws.
    public static func request(
        directory: String, reason: String, days: UInt64, dependants: Dependants, by key: CustodianKey, time: RecordTime
    ) throws -> KeyDestruction {
        guard (shortestWait...longestWait).contains(days) else {
            throw Faults(
                "destruction.wait", ["least": String(shortestWait), "most": String(longestWait), "days": String(days)])
        }
        guard RecordText.isValid(reason) else { throw Faults("destruction.reason") }
        let due = time.adding(days: days)
        let request = try ApprovalRequest(
            operation, details(directory, reason, dependants), requester: String(key.custodian.number),
            issued: due.seconds * second, expires: due.seconds * second + ApprovalRequest.longestValidity)
        var document = ApprovalDocument(request)
        document.add(try key.approve(request))
        return KeyDestruction(document: document)
    }

    /// A destruction as its file tells it; nothing is believed of it before it is carried out.
    public init(document: ApprovalDocument) { self.document = document }

    /// The second person's deed: checks everything again and then overwrites and removes the store's file.
    ///
    /// Throws `destruction.waiting`, `destruction.changed` where store, reason or dependants are not those of the request, and what the
    /// approvals throw: the same person twice, one who is not in the roster, a week gone by. Then nothing was destroyed.
    public mutating func execute(
        directory: String, dependants: Dependants, by key: CustodianKey, roster: CustodianRoster, time: RecordTime
    ) throws {
        guard time >= due else {
            throw Faults("destruction.waiting", ["time": due.description])
        }
        let request = try document.request
        // cards that have ended since are no reason to begin anew, cards that were made since are
        let seen = request.details["cards"].flatMap { Int($0) }
        let cards = dependants.cards.map { found in max(found, seen ?? found) } ?? seen
        let now = Dependants(stores: dependants.stores, cards: cards)
        let details = try Self.details(directory, request.details["reason"] ?? "", now)
        guard request.operation == Self.operation, request.details == details else {
            throw Faults("destruction.changed")
        }
        document.add(try key.approve(request))
        let approved = try document.approved(by: roster.officers, at: time.seconds * Self.second)
        try approved.check(for: Self.operation, details, at: time.seconds * Self.second)
        try DurableFile.wipe(directory + "/" + SealedKeyStore.fileName)
    }

    private static func details(
        _ directory: String, _ reason: String, _ dependants: Dependants
    ) throws(Faults) -> [String: String] {
        let header = try KeySetHeader(SealedKeyStore.file(in: directory))
        var details = [
            "name": header.name, "level": header.level.rawValue, "area": header.area, "root": header.root.description,
            "file": try StoreBackup.digest(ofStoreIn: directory).hexadecimal, "reason": reason,
            "stores": dependants.stores.joined(separator: "\n"),
        ]
        details["cards"] = dependants.cards.map(String.init)
        return details
    }

    /// Stores among these directories whose keys came down from the store of `directory`: the same root, at a lower level.
    ///
    /// Throws what reading the open part of a store throws.
    public static func stores(below directory: String, among others: [String]) throws(Faults) -> [String] {
        let header = try KeySetHeader(SealedKeyStore.file(in: directory))
        var found: [String] = []
        for other in others {
            let below = try KeySetHeader(SealedKeyStore.file(in: other))
            guard below.root == header.root, below.level > header.level else { continue }
            found.append("\(below.name) \(below.level.rawValue) \(below.area)")
        }
        return found.sorted()
    }
}

extension CustodianKey {
    /// This custodian's approval of a request, under their number.
    func approve(_ request: ApprovalRequest) throws(ApprovalError) -> Approval {
        try Approval(of: request, by: String(custodian.number), key: signing)
    }
}

extension CustodianRoster {
    /// The custodians as persons who may approve, each under their number.
    public var officers: ApprovingOfficers {
        get throws(Faults) {
            var officers = ApprovingOfficers()
            for custodian in custodians {
                let key = try storing { () throws(CryptographyError) in
                    try SM2.VerificationKey(point: custodian.point)
                }
                try officers.add(String(custodian.number), key: key)
            }
            return officers
        }
    }
}
