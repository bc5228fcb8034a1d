import CardData
public import Lifecycle

/// A person as whoever looks through the log is shown them: enough to be told apart from the next, too little to be known.
public struct MaskedPerson: Hashable, Sendable {
    /// The masked name.
    public let name: String
    /// The masked number.
    public let number: String
}

extension Registry {
    /// Whom the events of a log are about, masked, for those who look through the log itself: nobody's data are shown, and no look-up is
    /// recorded.
    ///
    /// - Returns: those that are registered.
    public func masked(_ references: Set<PersonReference>) throws(RegistryError) -> [PersonReference: MaskedPerson] {
        let sealed = try reading { database in
            try references.compactMap { try PersonTable.find($0, in: database) }
        }
        var found: [PersonReference: MaskedPerson] = [:]
        for (person, sequence) in sealed {
            let opened = try sealing.open(person, from: EventIdentifier(counter: counter, sequence: sequence))
            found[person.person] = MaskedPerson(name: opened.name.masked, number: opened.number.masked)
        }
        return found
    }
}

extension Registry {
    /// Who came in the holder's place, masked; nil for an event of no agent.
    public func agent(of logged: LoggedEvent) throws(RegistryError) -> MaskedPerson? {
        guard !logged.body.sealedAgent.isEmpty else { return nil }
        let agent = try sealing.open(agent: logged.body.sealedAgent, from: logged.event.identifier)
        return MaskedPerson(name: agent.name.masked, number: agent.maskedDocument)
    }
}

extension Act {
    /// Whom a registration or a look-up is about; nil for other acts.
    public var registeredOrLookedUp: PersonReference? {
        switch self {
        case .personRegistered(let sealed): sealed.person
        case .personLookedUp(let person, _, _): person
        default: nil
        }
    }
}
