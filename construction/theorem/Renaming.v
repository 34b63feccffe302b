(** From names to numbers: weights over numbered rows and columns that are, entry by entry, those over named directions give the
    same logits. Whether they are is a computation, [same_network]. *)
From Coq Require Import List QArith ZArith Bool Lia Lqa PeanoNat.
From Tapehead Require Import Sums Transformer Machine Vocabulary BaseNetwork Ledger Embedding Stream Rules Decide Unembedding.
Import ListNotations.
Open Scope Q_scope.

Lemma index_inj {X} dec (l : list X) x y : In x l -> In y l -> index dec x l = index dec y l -> x = y.
Proof.
  induction l as [|z l IH]; intros Ix Iy; [destruct Ix|]. cbn [index].
  destruct (dec x z), (dec y z); try congruence; try discriminate. intros E. injection E as E.
  apply IH; auto; [destruct Ix|destruct Iy]; auto; congruence.
Qed.
Definition mem {X} (dec : forall a b : X, {a = b} + {a <> b}) (x : X) (l : list X) : bool := if in_dec dec x l then true else false.

(** Terms up to order and zeros. *)
Fixpoint insert (p : nat * Q) (l : terms nat) : terms nat :=
  match l with [] => [p] | p' :: l' => if Nat.leb (fst p) (fst p') then p :: l else p' :: insert p l' end.
Definition canon (w : terms nat) : terms nat :=
  fold_right (fun p l => if Qeq_bool (snd p) 0 then l else insert p l) [] w.
Fixpoint terms_eqb (v w : terms nat) : bool :=
  match v, w with
  | [], [] => true
  | (i, a) :: v, (j, b) :: w => Nat.eqb i j && Qeq_bool a b && terms_eqb v w
  | _, _ => false
  end.

Lemma dot_insert x p l : dot (insert p l) x == snd p * x (fst p) + dot l x.
Proof.
  induction l as [|p' l IH]; cbn [insert]; [reflexivity|]. destruct (Nat.leb (fst p) (fst p')); [reflexivity|].
  change (dot (p' :: insert p l) x) with (snd p' * x (fst p') + dot (insert p l) x). rewrite IH.
  change (dot (p' :: l) x) with (snd p' * x (fst p') + dot l x). ring.
Qed.
Lemma dot_canon w x : dot (canon w) x == dot w x.
Proof.
  induction w as [|p w IH]; [reflexivity|]. cbn [canon fold_right]. fold (canon w).
  change (dot (p :: w) x) with (snd p * x (fst p) + dot w x).
  destruct (Qeq_bool (snd p) 0) eqn:E; [|rewrite dot_insert, IH; reflexivity].
  apply Qeq_bool_eq in E. rewrite E, IH. ring.
Qed.
Lemma terms_eqb_dot v : forall w x, terms_eqb v w = true -> dot v x == dot w x.
Proof.
  induction v as [|(i, a) v IH]; intros [|(j, b) w] x E; try discriminate; [reflexivity|].
  cbn [terms_eqb] in E. apply andb_true_iff in E as (E & E3). apply andb_true_iff in E as (E1 & E2).
  apply Nat.eqb_eq in E1 as ->. apply Qeq_bool_eq in E2.
  change (a * x j + dot v x == b * x j + dot w x). rewrite E2, (IH w x E3). reflexivity.
Qed.

Section Check.
  Variables (dirs : list dir) (all_rows : list row).
  Definition col (d : dir) : nat := index dir_dec d dirs.
  Notation rownum := (row_number all_rows).
  Definition same_terms (w' : terms nat) (w : terms dir) : bool :=
    terms_eqb (canon w') (canon (map (fun p => (col (fst p), snd p)) w)) && forallb (fun p => mem dir_dec (fst p) dirs) w.

  Definition agree (x' : nat -> Q) (x : dir -> Q) : Prop := forall d, In d dirs -> x' (col d) == x d.
  Lemma same_dot w' w x' x : same_terms w' w = true -> agree x' x -> dot w' x' == dot w x.
  Proof.
    unfold same_terms. intros H A. apply andb_true_iff in H as (E & I). rewrite <- dot_canon, (terms_eqb_dot _ _ x' E), dot_canon.
    rewrite forallb_forall in I. unfold dot. rewrite sum_map. cbn [fst snd]. apply sum_ext. intros p Ip.
    specialize (I p Ip). unfold mem in I. destruct (in_dec dir_dec (fst p) dirs) as [Id|]; [|discriminate]. rewrite (A (fst p) Id). reflexivity.
  Qed.
  Lemma coeff_dot {D} dec (w : terms D) d : coeff dec w d == dot w (fun d' => if dec d' d then 1 else 0).
  Proof. apply sum_ext. intros p _. destruct (dec (fst p) d); ring. Qed.
  Lemma same_coeff w' w d : same_terms w' w = true -> In d dirs -> coeff Nat.eq_dec w' (col d) == coeff dir_dec w d.
  Proof.
    intros H I. rewrite !coeff_dot. apply same_dot; auto. intros d2 I2.
    destruct (Nat.eq_dec (col d2) (col d)) as [E|E], (dir_dec d2 d) as [E'|E']; try reflexivity.
    - exfalso. apply E'. eapply index_inj; eauto.
    - congruence.
  Qed.

  (** Lists of channels, or of units: the one that ships may end in empty ones, which pad it. *)
  Fixpoint padded {A B} (same : A -> B -> bool) (empty : A -> bool) (l' : list A) (l : list B) : bool :=
    match l', l with
    | [], [] => true
    | a :: l', b :: l => same a b && padded same empty l' l
    | a :: l', [] => empty a && padded same empty l' []
    | [], _ :: _ => false
    end.
  Lemma padded_sum {A B} same empty (F' : A -> Q) (F : B -> Q) : (forall a b, same a b = true -> F' a == F b) -> (forall a, empty a = true -> F' a == 0) ->
    forall l' l, padded same empty l' l = true -> sum F' l' == sum F l.
  Proof.
    intros HS HE. induction l' as [|a l' IH]; intros [|b l] H; cbn [padded] in H; try discriminate; [reflexivity|..];
      apply andb_true_iff in H as (H1 & H2); cbn [sum fold_right]; fold (sum F' l').
    - rewrite (HE a H1), (IH [] H2). cbn. ring.
    - fold (sum F l). rewrite (HS a b H1), (IH l H2). reflexivity.
  Qed.

  Definition no_terms (w : terms nat) : bool := match w with [] => true | _ => false end.
  Definition same_channel (ch' : terms nat * terms nat) (ch : terms dir * terms dir) := same_terms (fst ch') (fst ch) && same_terms (snd ch') (snd ch).
  Definition no_channel (ch : terms nat * terms nat) := no_terms (fst ch) && no_terms (snd ch).
  Definition same_head (h' : head nat) (h : head dir) : bool :=
    padded same_channel no_channel (match_channels h') (match_channels h) && padded same_channel no_channel (value_channels h') (value_channels h).
  Definition no_head (h : head nat) : bool := forallb no_channel (match_channels h) && forallb no_channel (value_channels h).
  Definition same_unit (u' : ff_unit nat) (u : ff_unit dir) : bool :=
    same_terms (gate u') (gate u) && same_terms (times u') (times u) && same_terms (out u') (out u).
  Definition same_block (B' : block nat) (B : block dir) : bool :=
    padded same_head (fun _ => false) (heads B') (heads B) && padded same_unit (fun _ => false) (units B') (units B).
  Definition same_network (N' : transformer nat nat) (N : transformer dir row) : bool :=
    forallb (fun r => same_terms (W_E N' (rownum r)) (W_E N r) && same_terms (W_U N' (rownum r)) (W_U N r)) all_rows
    && no_terms (W_E N' 0%nat) && no_terms (W_U N' 0%nat) && same_terms (W_pos N') (W_pos N) && padded same_block (fun _ => false) (blocks N') (blocks N).

  Lemma no_terms_dot w x : no_terms w = true -> dot w x == 0.
  Proof. destruct w; [reflexivity|discriminate]. Qed.

  Lemma same_score h' h q' q y' y : same_head h' h = true -> agree q' q -> agree y' y -> score h' q' y' == score h q y.
  Proof.
    intros H Aq Ay. apply andb_true_iff in H as (H & _). apply (padded_sum same_channel no_channel); auto.
    - intros a b E. apply andb_true_iff in E as (E1 & E2). rewrite (same_dot _ _ _ _ E1 Aq), (same_dot _ _ _ _ E2 Ay). reflexivity.
    - intros a E. apply andb_true_iff in E as (E1 & E2). rewrite (no_terms_dot _ _ E1). ring.
  Qed.

  Variable width : nat.
  Notation number := (number all_rows width).
  Notation num := (map number).
  Definition known (token : list row) : Prop := forall r, In r token -> In r all_rows.
  Definition all_known (c : list (list row)) : Prop := forall tok, In tok c -> known tok.
  Lemma all_known_tails c c' : all_known c -> In c' (tails c) -> all_known c'.
  Proof.
    induction c as [|t c IH]; intros A I; cbn [tails] in I; [destruct I|]. destruct I as [<-|I]; auto. apply IH; auto. intros tok It. apply A. now right.
  Qed.
  Lemma same_attention h' h (r' : list (list nat) -> nat -> Q) (r : list (list row) -> dir -> Q) c d :
    same_head h' h = true -> (forall c', all_known c' -> agree (r' (num c')) (r c')) -> all_known c -> In d dirs ->
    attention Nat.eq_dec h' (r' (num c)) (map r' (tails (num c))) (col d) == attention dir_dec h (r c) (map r (tails c)) d.
  Proof.
    intros H A Kc I. pose proof H as H0. apply andb_true_iff in H as (_ & H). unfold attention.
    apply (padded_sum same_channel no_channel); auto.
    - intros a b E. apply andb_true_iff in E as (E1 & E2). rewrite (same_coeff _ _ d E2 I).
      rewrite tails_map, map_map, !hard_map.
      rewrite (hard_ext (fun c' => score h (r c) (r c')) _ (fun c' => dot (fst b) (r c'))); [reflexivity|..].
      + intros c' Ic. apply same_score; auto. apply A. eapply all_known_tails; eauto.
      + intros c' Ic. apply same_dot; auto. apply A. eapply all_known_tails; eauto.
    - intros a E. apply andb_true_iff in E as (_ & E2). rewrite coeff_dot, (no_terms_dot _ _ E2). ring.
  Qed.

  Lemma same_after_block B' B r' r : same_block B' B = true -> (forall c, all_known c -> agree (r' (num c)) (r c)) ->
    forall c, all_known c -> agree (after_block Nat.eq_dec r' B' (num c)) (after_block dir_dec r B c).
  Proof.
    intros H A c Kc. apply andb_true_iff in H as (H1 & H2).
    assert (Y : agree (after_attention Nat.eq_dec B' r' (num c)) (after_attention dir_dec B r c)).
    { intros d I. unfold after_attention. rewrite (A c Kc d I).
      rewrite (padded_sum same_head (fun _ => false) _ (fun h => attention dir_dec h (r c) (map r (tails c)) d)) with (l := heads B); auto; try reflexivity.
      - intros a b E. now apply same_attention.
      - discriminate. }
    intros d I. unfold after_block. rewrite (Y d I). apply Qplus_comp; [reflexivity|]. unfold feed_forward.
    apply (padded_sum same_unit (fun _ => false)); auto; [|discriminate].
    intros a b E. apply andb_true_iff in E as (E & E3). apply andb_true_iff in E as (E1 & E2).
    rewrite (same_coeff _ _ d E3 I), (same_dot _ _ _ _ E1 Y), (same_dot _ _ _ _ E2 Y). reflexivity.
  Qed.

  Lemma same_blocks Bs' : forall Bs r' r, padded same_block (fun _ => false) Bs' Bs = true -> (forall c, all_known c -> agree (r' (num c)) (r c)) ->
    forall c, all_known c -> agree (fold_left (after_block Nat.eq_dec) Bs' r' (num c)) (fold_left (after_block dir_dec) Bs r c).
  Proof.
    induction Bs' as [|B' Bs' IH]; intros [|B Bs] r' r H A; cbn [padded] in H; try discriminate; [exact A|].
    apply andb_true_iff in H as (H1 & H2). cbn [fold_left]. apply IH; auto. now apply same_after_block.
  Qed.

  Theorem same_logits N' N : same_network N' N = true -> forall c t, all_known c -> known t ->
    logit Nat.eq_dec N' (num c) (number t) == logit dir_dec N c t.
  Proof.
    intros H c t Kc Kt. apply andb_true_iff in H as (H & H3). apply andb_true_iff in H as (H & H2).
    apply andb_true_iff in H as (H & HU0). apply andb_true_iff in H as (H1 & HE0).
    assert (Z : forall (F : nat -> Q) n, F 0%nat == 0 -> sum F (repeat 0%nat n) == 0).
    { intros F n E. apply sum_zero. intros x Ix. apply repeat_spec in Ix as ->. exact E. }
    rewrite forallb_forall in H1. unfold logit, number. rewrite sum_app, sum_map, Z by (now apply no_terms_dot).
    rewrite Qplus_0_r. apply sum_ext. intros r I.
    specialize (H1 r (Kt r I)) as HU. apply andb_true_iff in HU as (_ & HU). apply same_dot; auto.
    apply same_blocks; auto. clear c t Kc Kt r I HU. intros c Kc d I. unfold embed. destruct c as [|tok c]; [reflexivity|]. cbn [map].
    rewrite (same_coeff _ _ d H2 I). unfold size. cbn [length]. rewrite length_of_map. apply Qplus_comp; [|reflexivity].
    unfold number at 1. rewrite sum_app, sum_map, Z by (rewrite coeff_dot; now apply no_terms_dot).
    rewrite Qplus_0_r. apply sum_ext. intros r Ir. specialize (H1 r (Kc tok (or_introl eq_refl) r Ir)).
    apply andb_true_iff in H1 as (HE & _). now apply same_coeff.
  Qed.
End Check.

Section Vocabulary.
  Variables (nQ nS k : nat) (cd : code).
  Hypothesis blank_is_a_symbol : (0 < nS)%nat.
  (** Every row of a token of the vocabulary is in it. *)
  Ltac part n := apply in_concat; exists (nth n (vocabulary_parts nQ nS k cd) []); split; [apply nth_In; cbn; lia|cbn [nth vocabulary_parts]].
  Lemma valid_known t : valid nQ nS k t -> known (vocabulary nQ nS k cd) (rows cd t).
  Proof.
    intros V r I. unfold vocabulary.
    assert (FI : forall a f, valid_action nQ nS k a -> In f (fields cd a) -> In f (all_fields nQ nS k cd)) by (intros; eapply fields_in_all; eauto).
    destruct t as [ |e|i a|i m|q|q s a| ]; cbn [rows In] in I; try rewrite in_app_iff in I.
    - destruct I as [<-|[]]. part 0%nat. now left.
    - destruct V as (Vq & Vl & Vs & Va). destruct I as [<-|[<-|[I|I]]].
      + part 0%nat. right; now left.
      + part 1%nat. destruct (on_state e) as [q|]; [right|now left]. apply in_map, in_map, in_seq. lia.
      + part 2%nat. apply in_map_iff in I as ((i, o) & <- & I). apply (in_indexed _ i o None) in I as (Hi & ->). cbn [fst snd].
        apply in_flat_map. exists i. split; [apply in_seq; lia|]. apply in_map. rewrite Forall_forall in Vs.
        specialize (Vs (nth i (on_symbols e) None) (nth_In _ _ Hi)). destruct (nth i (on_symbols e) None) as [b|]; [right; apply in_map, in_seq; lia|now left].
      + part 3%nat. apply in_map_iff in I as (f & <- & I). apply in_map. eauto.
    - destruct V as [Vi Va]. destruct I as [<-|[<-|[]]]; [part 4%nat; now left|]. part 5%nat.
      apply in_flat_map. exists i. split; [apply in_seq; lia|]. apply in_map, in_seq. lia.
    - destruct V as [Vi Vm]. destruct I as [<-|[<-|[]]]; [part 6%nat; now left|]. part 7%nat.
      apply in_flat_map. exists i. split; [apply in_seq; lia|]. destruct m; [now left|congruence|right; now left].
    - destruct I as [<-|[<-|[]]]; [part 8%nat; now left|]. part 9%nat. apply in_map, in_seq. cbn in V. lia.
    - destruct V as ((Vq & Vl & Vs) & Va). destruct I as [<-|[<-|[I|I]]].
      + part 10%nat. now left.
      + part 11%nat. apply in_map, in_seq. lia.
      + part 12%nat. apply in_map_iff in I as ((i, b) & <- & I). apply (in_indexed _ i b 0%nat) in I as (Hi & ->). cbn [fst snd].
        apply in_flat_map. exists i. split; [apply in_seq; lia|]. apply in_map, in_seq. rewrite Forall_forall in Vs.
        specialize (Vs (nth i s 0%nat) (nth_In _ _ Hi)). lia.
      + part 13%nat. apply in_map_iff in I as (f & <- & I). apply in_map. eauto.
    - destruct I as [<-|[]]. part 14%nat. now left.
  Qed.

  Lemma wf_all_valid c : wf nQ nS k c -> forall t, In t c -> valid nQ nS k t.
  Proof. induction 1; intros t I; destruct I as [<-|I]; auto; try exact Logic.I; destruct I. Qed.
End Vocabulary.
