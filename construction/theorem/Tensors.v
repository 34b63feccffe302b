(** A transformer as tensors: construction/transformer.py line for line, in exact arithmetic, with averaging hard attention in
    place of softmax. It calls [sum] and [hard] of Sums.v, and nothing else of ours. What more the theorem's statements are made of,
    Statements.v lists at its head.

    Shapes, as there: p positions, h heads, c channels of a head, m residual directions, u units, r rows of the vocabulary. *)
From Coq Require Import List QArith ZArith PeanoNat.
From Tapehead Require Import Sums.
Import ListNotations.
Open Scope Q_scope.

Definition matrix := nat -> nat -> Q.
Record head := Head { d_head : nat; W_Q : matrix (* [m c] *); W_K : matrix; W_V : matrix; W_O : matrix (* [c m] *) }.
Record block := Block { heads : list head; d_mlp : nat; W_gate : matrix (* [m u] *); W_in : matrix; W_out : matrix (* [u m] *) }.
Record tensors := Tensors {
  d_model : nat; W_E : matrix (* [r m] *); W_pos : nat -> Q (* [m] *); blocks : list block; W_U : matrix (* [m r] *) }.

Definition relu (x : Q) : Q := if Qlt_le_dec 0 x then x else 0.
(** The sum over an index below [n]: what @ does. *)
Definition total (n : nat) (f : nat -> Q) : Q := sum f (seq 0 n).

Section Forward.
  Variable N : tensors.
  Definition stream := nat -> nat -> Q.  (* [p m] *)

  (** Embedding.forward: the rows of a token's kind and fields, and its number, counted from 1, times a vector. *)
  Definition embed (tokens : list (list nat)) : stream := fun p m =>
    sum (fun r => W_E N r m) (nth p tokens []) + inject_Z (Z.of_nat (S p)) * W_pos N m.

  (** Attention.forward, of one head: a position attends to itself and to all before it. *)
  Definition attention (h : head) (x : stream) : stream := fun p m =>
    let queries p c := total (d_model N) (fun m => x p m * W_Q h m c) in
    let keys s c := total (d_model N) (fun m => x s m * W_K h m c) in
    let values s c := total (d_model N) (fun m => x s m * W_V h m c) in
    let scores s := total (d_head h) (fun c => queries p c * keys s c) in
    let z c := hard scores (fun s => values s c) (seq 0 (S p)) in
    total (d_head h) (fun c => z c * W_O h c m).

  (** FeedForward.forward: W_out (relu (W_gate x) * (W_in x)). *)
  Definition feed_forward (b : block) (x : stream) : stream := fun p m =>
    let gate u := total (d_model N) (fun m => x p m * W_gate b m u) in
    let linear u := total (d_model N) (fun m => x p m * W_in b m u) in
    total (d_mlp b) (fun u => relu (gate u) * linear u * W_out b u m).

  (** Block.forward: attention, then feed-forward, each added to the residual stream. *)
  Definition after_attention (b : block) (x : stream) : stream := fun p m => x p m + sum (fun h => attention h x p m) (heads b).
  Definition after_block (x : stream) (b : block) : stream := fun p m =>
    after_attention b x p m + feed_forward b (after_attention b x) p m.

  (** Transformer.forward: the logit of every row after every position. *)
  Definition forward (tokens : list (list nat)) (p r : nat) : Q :=
    total (d_model N) (fun m => fold_left after_block (blocks N) (embed tokens) p m * W_U N m r).

  (** The logit of a token after all of them: the sum over its kind and fields. *)
  Definition logit (tokens : list (list nat)) (token : list nat) : Q :=
    sum (fun r => forward tokens (length tokens - 1) r) token.
End Forward.
