public import CardCryptography
import Synchronization

/// A PKCS#11 token, its module in a process of its own: what is done with it before keys are used.
public final class Token: Sendable {
    /// Where it is.
    public let location: TokenLocation
    let process: ModuleProcess
    private let held: Mutex<TokenDescription?>

    /// The key set it holds; nil when there is none.
    public var contents: TokenDescription? { held.withLock { $0 } }

    /// Opens a token with the user's PIN, which is presented once, and not at all where the token says that it has one try left.
    ///
    /// - Parameter spendsLastTry: whether two officers let the last try be spent.
    public init(
        _ location: TokenLocation, pin: consuming SecretBytes, launcher: ModuleLauncher, spendsLastTry: Bool = false
    ) throws(TokenFailure) {
        self.location = location
        process = try ModuleProcess(launcher)
        let request = ModuleWriter(.open)
        request.put(location.modulePath)
        request.put(location.label)
        request.put(byte: spendsLastTry ? 1 : 0)
        request.put(HeldKey(pin))
        let answer = try process.ask(request)
        held = try Mutex(answer.byte() == 1 ? TokenDescription(from: answer) : nil)
    }

    /// Every token in a slot of a module.
    public static func list(modulePath: String, launcher: ModuleLauncher) throws(TokenFailure) -> [TokenListing] {
        let request = ModuleWriter(.listTokens)
        request.put(modulePath)
        let process = try ModuleProcess(launcher)
        let answer = try process.ask(request)
        var tokens: [TokenListing] = []
        for _ in 0..<(try answer.count()) { tokens.append(try TokenListing(from: answer)) }
        return tokens
    }

    /// Sees that a token is there and its user's PIN may be presented, before anybody is asked for the PIN.
    public static func look(
        for location: TokenLocation, launcher: ModuleLauncher, spendsLastTry: Bool = false
    ) throws(TokenFailure) {
        let found = try list(modulePath: location.modulePath, launcher: launcher)
            .filter { $0.isInitialized && $0.label == location.label }
        guard let token = found.first else { throw .notFound(location.label) }
        guard found.count == 1 else { throw .ambiguous(location.label) }
        switch token.pinState {
        case .locked: throw .lockedPIN
        case .lastTry: if !spendsLastTry { throw .lastPINTry }
        case .unset, .ready, .someTriesSpent: break
        }
    }

    /// Sees that a slot is free for a token of a new label, before anybody is asked for its PINs.
    public static func lookForFreeSlot(for location: TokenLocation, launcher: ModuleLauncher) throws(TokenFailure) {
        let tokens = try list(modulePath: location.modulePath, launcher: launcher)
        guard !tokens.contains(where: { $0.isInitialized && $0.label == location.label }) else {
            throw .ambiguous(location.label)
        }
        guard tokens.contains(where: { !$0.isInitialized }) else { throw .notFound(location.label) }
    }

    /// Initialises a token in a free slot.
    public static func initialize(
        _ location: TokenLocation, officerPIN: consuming SecretBytes, userPIN: consuming SecretBytes,
        launcher: ModuleLauncher
    ) throws(TokenFailure) {
        let request = ModuleWriter(.initializeToken)
        request.put(location.modulePath)
        request.put(location.label)
        request.put(HeldKey(officerPIN))
        request.put(HeldKey(userPIN))
        _ = try ModuleProcess(launcher).ask(request)
    }

    /// Tries what the token refuses.
    public func probe() throws(TokenFailure) -> [TokenProbe: TokenProbe.Outcome] {
        try [TokenProbe: TokenProbe.Outcome](from: process.ask(ModuleWriter(.probe)))
    }

    /// Brings a key set into the token; a token that holds one already is refused, one that was interrupted begins anew.
    ///
    /// - Parameter keepsOpaque: whether keys of SM4 and AES go in as opaque objects, which nothing can use; else they stay outside.
    /// - Returns: what the token holds now.
    @discardableResult public func load(
        _ set: KeySet, purpose: TokenPurpose, keepsOpaque: Bool = false, progress: (Int, Int) -> Void = { _, _ in }
    ) throws(TokenFailure) -> TokenDescription {
        var description = TokenDescription(set, purpose: purpose)
        description.identities = set.identities.filter { $0.algorithm == .tripleDES || keepsOpaque }
        for (index, identity) in description.identities.enumerated() {
            guard let key = set[identity] else { continue }
            progress(index, description.identities.count)
            let request = ModuleWriter(.importKey)
            request.put(byte: index == 0 ? 1 : 0)
            request.put(identity.tokenLabel)
            request.put(purpose.rawValue)
            request.put(key)
            _ = try process.ask(request)
        }
        let request = ModuleWriter(.finishLoading)
        request.put(description.text)
        _ = try process.ask(request)
        held.withLock { [description] in $0 = description }
        return description
    }
}
