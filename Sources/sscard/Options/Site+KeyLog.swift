import CardData
import IssuerKeys
import Lifecycle
import SecretEntry

/// The passphrase of the key log's checkpoint key: the site's own in production, the public one in development unless another is given.
extension Site {
    /// What opens the checkpoint key of the site's key log; production takes none that lies open.
    func checkpointLock() throws(Faults) -> CheckpointLock {
        guard let source = checkpointSource else { return .development }
        return try CheckpointLock(
            passphrase: source.passphrase(of: Self.checkpointName), takesOpenKeys: policy.mode == .development)
    }

    /// What will seal a checkpoint key; it takes an old one that lies open, to put it out of use.
    func newCheckpointLock(from given: SecretSource?) throws(Faults) -> CheckpointLock {
        guard let source = given ?? checkpointSource else { return .development }
        return try CheckpointLock(passphrase: source.newPassphrase(of: Self.checkpointName), takesOpenKeys: true)
    }

    private var checkpointSource: SecretSource? {
        options.keyLogPassphrase ?? (policy.mode == .production ? .ask : nil)
    }

    private static let checkpointName = "密钥日志 Key log"
}
