public import CardData
public import CardLayout
public import ISO7816
public import Personalization

/// Which of the site's layouts a card may have, told from its answer to reset.
extension CardLibrary {
    /// All layouts of the home, compiled, newest specification first.
    public func compiledCards() throws(Faults) -> [CompiledCard] {
        try files.layoutNames.sorted(by: >).map { name throws(Faults) in try entry(name).compiled }
    }

    /// The layouts of cards that give this answer to reset: those that are made for its profile, else those that another profile with
    /// that answer takes; newest specification first.
    public func compiledCards(answering answer: [UInt8]) throws(Faults) -> [CompiledCard] {
        let made = try compiledCards().filter { answer.starts(with: $0.profile.answerToResetPrefix) }
        guard made.isEmpty else { return made }
        let applications = try applicationCards(answering: answer)
        guard applications.isEmpty else { return applications }
        let profiles = try files.profileNames.map { name throws(Faults) in try files.profile(named: name) }
            .filter { answer.starts(with: $0.answerToResetPrefix) }
        let layouts = try files.layoutNames.sorted(by: >)
        return profiles.flatMap { profile in layouts.compactMap { try? entry("\($0)@\(profile.name)").compiled } }
    }

    /// The layouts as applications of the GlobalPlatform cards whose answer to reset this is, newest specification first; no layout has
    /// such a profile of its own.
    public func applicationCards(answering answer: [UInt8]) throws(Faults) -> [CompiledCard] {
        var names: [String] = []
        for name in try files.globalPlatformProfileNames {
            let profile = try files.globalPlatformProfile(named: name)
            if answer.starts(with: profile.answerToResetPrefix) { names.append(name) }
        }
        guard !names.isEmpty else { return [] }
        let layouts = try files.layoutNames.sorted(by: >)
        // a layout with a directory of its own fits no profile that has no application for it
        return layouts.flatMap { layout in names.compactMap { try? entry("\(layout)@\($0)").compiled } }
    }

    /// What tells the chip that gave this answer from others, by the rule of its kind; nil when the answer is too short for it.
    public func chip(answering answer: AnswerToReset) throws(Faults) -> CardIdentity? {
        CardIdentity(answer, rule: try compiledCards(answering: answer.bytes).first?.profile.identity ?? .standard)
    }
}
