(** [logit] of Tensors.v, made to be computed: what each layer computes is written down once, in lowest terms, where [logit] asks
    for it again and again. The tests hold what comes out against the library's exact network. *)
From Coq Require Import List QArith ZArith Lia Lqa Morphisms.
From Tapehead Require Import Sums Prefix.
From Tapehead Require Import Tensors.
Import ListNotations.
Open Scope Q_scope.

(** A stream up to position [n] and direction [d], written down. *)
Definition written (n d : nat) (x : stream) : stream :=
  let rows := map (fun p => map (fun m => Qred (x p m)) (seq 0 d)) (seq 0 n) in fun p m => nth m (nth p rows []) 0.
Definition same (n d : nat) (x y : stream) : Prop := forall p m, (p < n)%nat -> (m < d)%nat -> x p m == y p m.

Lemma nth_written {X} (f : nat -> X) n i d : (i < n)%nat -> nth i (map f (seq 0 n)) d = f i.
Proof. intros H. rewrite (nth_indep _ d (f 0%nat)) by (rewrite length_of_map, length_of_seq; exact H). rewrite map_nth, seq_nth by exact H. reflexivity. Qed.
Lemma written_same n d x : same n d (written n d x) x.
Proof. intros p m Hp Hm. unfold written. rewrite nth_written, nth_written by assumption. apply Qred_correct. Qed.
Lemma relu_proper : Proper (Qeq ==> Qeq) relu.
Proof. intros a b E. unfold relu. destruct (Qlt_le_dec 0 a), (Qlt_le_dec 0 b); lra. Qed.

Section Evaluate.
  Variables (N : tensors) (n : nat).
  Notation d := (d_model N).

  Lemma read_same x y w p : same n d x y -> (p < n)%nat -> total d (fun m => x p m * w m) == total d (fun m => y p m * w m).
  Proof. intros E Hp. apply total_ext. intros i Hi. rewrite (E p i Hp Hi). reflexivity. Qed.

  (** [attention], with queries, keys, values and the mean of the values written down. *)
  Definition attention_evaluated (h : head) (x : stream) : stream :=
    let channels := written n (d_head h) in
    let queries := channels (fun p c => total d (fun m => x p m * W_Q h m c)) in
    let keys := channels (fun p c => total d (fun m => x p m * W_K h m c)) in
    let values := channels (fun p c => total d (fun m => x p m * W_V h m c)) in
    let z := channels (fun p c =>
      hard (fun s => total (d_head h) (fun c => queries p c * keys s c)) (fun s => values s c) (seq 0 (S p))) in
    fun p m => total (d_head h) (fun c => z p c * W_O h c m).
  Lemma attention_same h x y p m : same n d x y -> (p < n)%nat -> attention_evaluated h x p m == attention N h y p m.
  Proof.
    intros E Hp. unfold attention_evaluated, attention. cbv zeta. apply total_ext. intros c Hc. apply Qmult_comp; [|reflexivity].
    rewrite (written_same n (d_head h) _ p c Hp Hc). apply hard_ext; intros s I; apply in_seq in I; assert (Hs : (s < n)%nat) by lia.
    - apply total_ext. intros i Hi. rewrite (written_same n (d_head h) _ p i Hp Hi), (written_same n (d_head h) _ s i Hs Hi).
      now rewrite (read_same x y _ p E Hp), (read_same x y _ s E Hs).
    - rewrite (written_same n (d_head h) _ s c Hs Hc). now apply read_same.
  Qed.

  (** [feed_forward], with the units written down. *)
  Definition feed_forward_evaluated (b : block) (x : stream) : stream :=
    let units := written n (d_mlp b) (fun p u =>
      relu (total d (fun m => x p m * W_gate b m u)) * total d (fun m => x p m * W_in b m u)) in
    fun p m => total (d_mlp b) (fun u => units p u * W_out b u m).
  Lemma feed_forward_same b x y p m : same n d x y -> (p < n)%nat -> feed_forward_evaluated b x p m == feed_forward N b y p m.
  Proof.
    intros E Hp. unfold feed_forward_evaluated, feed_forward. cbv zeta. apply total_ext. intros u Hu.
    rewrite (written_same n (d_mlp b) _ p u Hp Hu), (relu_proper _ _ (read_same x y _ p E Hp)), (read_same x y _ p E Hp). reflexivity.
  Qed.

  (** [after_block], with the stream written down after attention and after the feed-forward layer. *)
  Definition block_evaluated (x : stream) (b : block) : stream :=
    let attended := map (fun h => attention_evaluated h x) (heads b) in
    let y := written n d (fun p m => x p m + sum (fun z => z p m) attended) in
    let units := feed_forward_evaluated b y in
    written n d (fun p m => y p m + units p m).
  Lemma block_same b x y : same n d x y -> same n d (block_evaluated x b) (after_block N y b).
  Proof.
    intros E. unfold block_evaluated. cbv zeta. set (z := written n d (fun p m => x p m + _)).
    assert (A : same n d z (after_attention N b y)).
    { intros p m Hp Hm. unfold z. rewrite (written_same n d _ p m Hp Hm). unfold after_attention. rewrite (E p m Hp Hm), sum_map.
      apply Qplus_comp; [reflexivity|]. apply sum_ext. intros h _. now apply attention_same. }
    intros p m Hp Hm. rewrite (written_same n d _ p m Hp Hm). unfold after_block.
    rewrite (A p m Hp Hm), (feed_forward_same b _ _ p m A Hp). reflexivity.
  Qed.
  Lemma blocks_same bs : forall x y, same n d x y -> same n d (fold_left block_evaluated bs x) (fold_left (after_block N) bs y).
  Proof. induction bs as [|b bs IH]; intros x y E; [exact E|]. cbn [fold_left]. apply IH. now apply block_same. Qed.
End Evaluate.

Definition evaluated (N : tensors) (tokens : list (list nat)) (token : list nat) : Q :=
  let n := length tokens in
  let x := fold_left (block_evaluated N n) (blocks N) (written n (d_model N) (embed N tokens)) in
  Qred (sum (fun r => total (d_model N) (fun m => x (n - 1)%nat m * W_U N m r)) token).

Theorem evaluated_is_logit N tokens token : tokens <> [] -> evaluated N tokens token == logit N tokens token.
Proof.
  intros Ne. unfold evaluated, logit. cbv zeta. rewrite Qred_correct. apply sum_ext. intros r _. unfold forward. apply total_ext. intros m Hm.
  apply Qmult_comp; [|reflexivity]. apply blocks_same with (n := length tokens); auto using written_same.
  destruct tokens; [congruence|cbn; lia].
Qed.
