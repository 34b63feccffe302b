(** The residual stream of a network over named directions, and what it holds before the first block. *)
From Coq Require Import List QArith ZArith Bool Lia Lqa PeanoNat Setoid Morphisms.
From Tapehead Require Import Sums Transformer Machine Vocabulary BaseNetwork Ledger Embedding.
Import ListNotations.
Open Scope Q_scope.

Lemma relu_pos x : 0 <= x -> relu x == x.
Proof. intros H. unfold relu. destruct (Qlt_le_dec 0 x); lra. Qed.
Lemma relu_neg x : x <= 0 -> relu x == 0.
Proof. intros H. unfold relu. destruct (Qlt_le_dec 0 x); lra. Qed.
#[export] Instance relu_proper : Proper (Qeq ==> Qeq) relu.
Proof. intros x y E. unfold relu. destruct (Qlt_le_dec 0 x), (Qlt_le_dec 0 y); lra. Qed.

Lemma dot1 d (x : vec) : dot (D := dir) [(d, 1)] x == x d.
Proof. unfold dot, sum; cbn. ring. Qed.

Lemma tails_map {X Y} (f : X -> Y) c : tails (map f c) = map (map f) (tails c).
Proof. induction c as [|t c IH]; cbn; [reflexivity|]. now rewrite IH. Qed.

Lemma inject_zsum {X} (f : X -> Q) (g : X -> Z) l : (forall x, In x l -> f x == inject_Z (g x)) -> sum f l == inject_Z (zsum g l).
Proof.
  induction l as [|a l IH]; intros H; cbn [sum fold_right zsum]; [reflexivity|].
  rewrite inject_Z_plus, <- IH, (H a); [reflexivity|now left|intros; apply H; now right].
Qed.

Lemma in_tapes k i : (i < k)%nat -> In i (tapes k).
Proof. intros. apply in_seq; lia. Qed.
Lemma NoDup_tapes k : NoDup (tapes k).
Proof. apply seq_NoDup. Qed.

Lemma dotw d w (x : vec) : dot (D := dir) [(d, w)] x == w * x d.
Proof. unfold dot, sum; cbn. ring. Qed.
Lemma size_tails {X} (c : list X) : size (tails c) == size c.
Proof.
  unfold size. enough (length (tails c) = length c) as -> by reflexivity.
  induction c; cbn; congruence.
Qed.
Lemma in_tails_size {X} (c c' : list X) : In c' (tails c) -> size c' <= size c.
Proof.
  unfold size, Qle. cbn. revert c'. induction c as [|t c IH]; intros c'; [intros []|]. cbn [tails In].
  intros [<-|I]; [lia|]. specialize (IH _ I). cbn [length]. lia.
Qed.

Section Stream.
  Context {nQ nS k : nat} {cd : code} {beta M L K g : Q}.
  Notation N := (base_network nQ nS k cd beta M L K g).
  Notation wf := (wf nQ nS k).
  Notation rc := (map (rows cd)).

  (** The residual stream at the newest token of a context: [r0], [r1], ... of rows, [x0], [x1], ... of tokens, after 0, 1, ...
      blocks. *)
  Definition r0 : list (list row) -> vec := embed dir_dec N.
  Definition x0 c := r0 (rc c).

  Lemma attention_at (r : list (list row) -> vec) h c d :
    attention dir_dec h (r (rc c)) (map r (tails (rc c))) d ==
    sum (fun ch => coeff dir_dec (snd ch) d
      * hard (fun c' => score h (r (rc c)) (r (rc c'))) (fun c' => dot (fst ch) (r (rc c'))) (tails c)) (value_channels h).
  Proof.
    unfold attention. apply sum_ext. intros ch _. rewrite tails_map, map_map, hard_map. reflexivity.
  Qed.

  Lemma x0_T c : x0 c T == size c.
  Proof.
    unfold x0, r0, embed. destruct c as [|t c]; [reflexivity|]. cbn [map]. cbn [base_network network W_E W_pos].
    rewrite brings_computed by reflexivity. unfold size. cbn [length]. rewrite length_of_map.
    directions. ring.
  Qed.

  Lemma x0_brings t c d : d <> T -> x0 (t :: c) d == sum (fun r => coeff dir_dec (embedding nQ nS r) d) (rows cd t).
  Proof.
    intros H. unfold x0, r0, embed. cbn [map base_network network W_E W_pos].
    assert (E : coeff dir_dec [(T, 1)] d == 0) by (directions; ring). rewrite E. ring.
  Qed.

  Lemma x0_computed c d : computed d = true -> d <> T -> x0 c d == 0.
  Proof. intros C H. destruct c as [|t c]; [reflexivity|]. rewrite x0_brings by auto. now apply brings_computed. Qed.

  Lemma cons_of c : wf c -> exists t c', c = t :: c'.
  Proof. destruct 1; eauto. Qed.

  Ltac wf_cons c W := let t := fresh "t" in let c' := fresh "c'" in
    pose proof (wf_valid _ _ _ _ W) as V; destruct (cons_of c W) as (t & c' & ->); cbn [newest] in *.

  Lemma x0_one c : wf c -> x0 c One == 1.
  Proof. intros W. wf_cons c W. rewrite x0_brings by discriminate. apply brings_one. Qed.
  Lemma x0_bos c : wf c -> x0 c Bos == ind (is_bos (newest c)).
  Proof. intros W. wf_cons c W. rewrite x0_brings by discriminate. apply brings_bos. Qed.
  Lemma x0_step c : wf c -> x0 c Step == ind (is_step (newest c)).
  Proof. intros W. wf_cons c W. rewrite x0_brings by discriminate. apply brings_step_flag. Qed.
  Lemma x0_move c i : wf c -> (i < k)%nat -> x0 c (Move i) == inject_Z (moved i (newest c)).
  Proof. intros W Hi. wf_cons c W. rewrite x0_brings by discriminate. eapply brings_move; eauto. Qed.
  Lemma x0_input c i : wf c -> x0 c (Input i) == ind (is_input i (newest c)).
  Proof. intros W. wf_cons c W. rewrite x0_brings by discriminate. apply brings_input. Qed.
  Lemma x0_cell c i : wf c -> (i < k)%nat -> x0 c (Cell i) == inject_Z (cell_offset i (newest c)).
  Proof. intros W Hi. wf_cons c W. rewrite x0_brings by discriminate. eapply brings_cell; eauto. Qed.
  Lemma size_wf c : wf c -> 0 < size c.
  Proof. intros W. destruct (cons_of c W) as (t & c' & ->). eapply size_pos. now left. Qed.
End Stream.
